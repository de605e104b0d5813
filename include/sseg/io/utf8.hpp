#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sseg/core/shape.hpp"

namespace sseg {

namespace detail {

inline constexpr std::string_view utf8_replacement = "\xEF\xBF\xBD";  // U+FFFD

/// Bytes of the character that a text begins with, 0 when it begins with none: over-long forms, halves of surrogate
/// pairs, and what is past U+10FFFF are none (RFC 3629).
constexpr std::size_t utf8_length(std::string_view text, char32_t& code) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 0 || length > text.size() || first > 0xF4) return 0;
  code = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  return code < least[length] || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF ? 0 : length;
}

constexpr std::size_t utf8_length(std::string_view text) {
  char32_t code = 0;
  return utf8_length(text, code);
}

/// Appends a code point. Requires: at most 0x10ffff, and no surrogate.
inline void append_utf8(std::string& out, std::uint32_t c) {
  const auto byte = [&](std::uint32_t b) { out += static_cast<char>(static_cast<unsigned char>(b)); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0U | c >> 6U);
  } else {
    if (c < 0x10000) {
      byte(0xE0U | c >> 12U);
    } else {
      byte(0xF0U | c >> 18U);
      byte(0x80U | (c >> 12U & 0x3FU));
    }
    byte(0x80U | (c >> 6U & 0x3FU));
  }
  byte(0x80U | (c & 0x3FU));
}

/// The number that exactly `digits` hexadecimal digits at `at` write.
inline std::optional<std::uint32_t> hex_number(std::string_view text, std::size_t at, std::size_t digits) {
  if (at > text.size() || digits > text.size() - at) return {};
  std::uint32_t n = 0;
  for (const char c : text.substr(at, digits)) {
    const int v = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
    if (v < 0) return {};
    n = n << 4U | static_cast<std::uint32_t>(v);
  }
  return n;
}

/// Cells of a terminal that a character takes: none for marks that sit on the one before, two for the wide ones of
/// East Asia and for pictographs.
inline Index utf8_cells(char32_t c) {
  struct Block {
    char32_t first, last;
    Index cells;
  };
  constexpr std::array<Block, 15> blocks{{{0x0300, 0x036F, 0},
                                          {0x1100, 0x115F, 2},
                                          {0x200B, 0x200F, 0},
                                          {0x20D0, 0x20FF, 0},
                                          {0x2E80, 0x303E, 2},
                                          {0x3041, 0xA4CF, 2},
                                          {0xAC00, 0xD7A3, 2},
                                          {0xF900, 0xFAFF, 2},
                                          {0xFE00, 0xFE0F, 0},
                                          {0xFE30, 0xFE6F, 2},
                                          {0xFF00, 0xFF60, 2},
                                          {0xFFE0, 0xFFE6, 2},
                                          {0x1F300, 0x1F64F, 2},
                                          {0x1F900, 0x1F9FF, 2},
                                          {0x20000, 0x3FFFD, 2}}};
  const auto* const block = std::find_if(blocks.begin(), blocks.end(), [&](const Block& b) { return c <= b.last; });
  return block != blocks.end() && c >= block->first ? block->cells : 1;
}

}  // namespace detail

/// Calls `f(code point, its bytes)` for every character of a UTF-8 text. A byte that belongs to none is U+FFFD, so that
/// what `f` puts together is valid UTF-8, whatever the text was.
template <class F>
void each_utf8(std::string_view text, F&& f) {
  while (!text.empty()) {
    char32_t code = 0;
    const std::size_t length = detail::utf8_length(text, code);
    if (length > 0)
      f(code, text.substr(0, length));
    else
      f(char32_t{0xFFFD}, detail::utf8_replacement);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

/// The text as valid UTF-8: each byte that belongs to no character is U+FFFD.
inline std::string as_utf8(std::string_view text) {
  std::string out;
  each_utf8(text, [&](char32_t, std::string_view bytes) { out += bytes; });
  return out;
}

/// Cells of a terminal line that a text takes.
inline Index utf8_width(std::string_view text) {
  Index width = 0;
  each_utf8(text, [&](char32_t code, std::string_view) { width += detail::utf8_cells(code); });
  return width;
}

}  // namespace sseg

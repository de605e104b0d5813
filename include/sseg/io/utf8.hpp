#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sseg::detail {

/// Bytes of the UTF-8 character at the front of a text, 0 where there is none (Unicode 15, table 3-7).
constexpr std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xbf; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return text.empty() ? 0 : 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if ((first & 0xf0u) == 0xe0) {
    const bool legal = !(first == 0xe0 && second < 0xa0) && !(first == 0xed && second > 0x9f);  // no surrogates
    return legal && follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool legal = !(first == 0xf0 && second < 0x90) && !(first == 0xf4 && second > 0x8f);
    return legal && follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
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

}  // namespace sseg::detail

#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sseg/io/utf8.hpp"

namespace sseg::detail {

/// The bytes that the line of the opcode STRING writes, as Python 2's repr does: in quotes, with escapes.
inline std::optional<std::string> from_quoted(std::string_view line) {
  if (line.size() < 2 || line.front() != line.back() || (line.front() != '\'' && line.front() != '"')) return {};
  line = line.substr(1, line.size() - 2);
  std::string out;
  out.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\') {
      out += line[i];
      continue;
    }
    if (++i == line.size()) return {};
    constexpr std::string_view letters = "\\'\"abfnrtv", meant = "\\'\"\a\b\f\n\r\t\v";
    if (const auto k = letters.find(line[i]); k != letters.npos) {
      out += meant[k];
    } else if (line[i] == 'x') {
      const auto byte = hex_number(line, i + 1, 2);
      if (!byte) return {};
      out += static_cast<char>(static_cast<unsigned char>(*byte));
      i += 2;
    } else {
      return {};
    }
  }
  return out;
}

/// The text, as UTF-8, that the line of the opcode UNICODE writes in Python's raw-unicode-escape: a byte is the
/// character of that number, and \uXXXX and \UXXXXXXXX are the others.
inline std::optional<std::string> from_raw_unicode(std::string_view line) {
  constexpr std::uint32_t last_character = 0x10FFFF;
  std::string out;
  out.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char next = line[i] == '\\' && i + 1 < line.size() ? line[i + 1] : '\0';
    if (next != 'u' && next != 'U') {
      append_utf8(out, static_cast<unsigned char>(line[i]));
      continue;
    }
    const std::size_t digits = next == 'u' ? 4 : 8;
    const auto c = hex_number(line, i + 2, digits);
    if (!c || *c > last_character) return {};
    append_utf8(out, *c);
    i += 1 + digits;
  }
  return out;
}

/// The Latin-1 bytes of a UTF-8 text; nothing when it is no UTF-8 or holds other characters.
inline std::optional<std::string> to_latin1(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c < 0x80) {
      out += utf8[i];
      continue;
    }
    const auto low = i + 1 < utf8.size() ? static_cast<unsigned char>(utf8[++i]) : 0U;
    if ((c != 0xC2 && c != 0xC3) || (low & 0xC0U) != 0x80) return {};
    out += static_cast<char>(static_cast<unsigned char>((c & 0x03U) << 6U | (low & 0x3FU)));
  }
  return out;
}

}  // namespace sseg::detail

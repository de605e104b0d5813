#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "sseg/io/yaml_cursor.hpp"

namespace sseg::detail {

inline std::uint32_t yaml_hex(YamlCursor& in, std::size_t digits) {
  const auto code = hex_number(in.rest(), 0, digits);
  if (!code) in.fail("an escape lacks hexadecimal digits", R"(write \xHH, \uHHHH or \UHHHHHHHH)");
  in.skip(digits);
  return *code;
}

/// The character of \u or \U; two of \u make one character beyond the first 65536, as in JSON.
inline void yaml_code_point(YamlCursor& in, std::size_t digits, std::string& out) {
  std::uint32_t code = yaml_hex(in, digits);
  if (code >= 0xd800 && code < 0xdc00 && in.peek() == '\\' && in.peek(1) == 'u') {
    in.skip(2);
    const std::uint32_t low = yaml_hex(in, 4);
    code = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : 0xd800;
  }
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
    in.fail("the escape stands for no character", "give a code up to 10ffff that is not a lone surrogate");
  append_utf8(out, code);
}

/// What a backslash and what follows stand for, in double quotes.
inline void yaml_escape(YamlCursor& in, std::string& out) {
  constexpr std::string_view letters = "0abt\tnvfre \"/\\", plain = {"\0\a\b\t\t\n\v\f\r\x1b \"/\\", 14};
  const char c = in.take();
  if (const auto k = letters.find(c); k != letters.npos)
    out += plain[k];
  else if (c == 'x')
    yaml_code_point(in, 2, out);
  else if (c == 'u')
    yaml_code_point(in, 4, out);
  else if (c == 'U')
    yaml_code_point(in, 8, out);
  else
    in.fail("no such escape", "write \\\\ for a backslash, or put the text in single quotes");
}

/// Text in single or double quotes, on one line. Requires: a quote is here.
inline std::string yaml_quoted_text(YamlCursor& in) {
  const Index line = in.line(), column = in.column();
  const char quote = in.take();
  std::string out;
  for (;;) {
    if (in.at_end() || in.at_line_end())
      in.fail_at(line, column, "a quote that is not closed on its line",
                 "close it there; a line end within text is \\n in double quotes");
    const char c = in.take();
    if (c == '\\' && quote == '"')
      yaml_escape(in, out);
    else if (c != quote)
      out += c;
    else if (quote == '\'' && in.peek() == '\'')
      out += in.take();
    else
      return out;
  }
}

/// Throws: Error where no plain scalar can begin.
inline void check_plain_start(const YamlCursor& in) {
  switch (in.peek()) {
    case '&':
    case '*':
      in.fail("anchors and aliases are not read", "write the value out, or put the text in quotes");
    case '!':
      in.fail("tags are not read", "leave it out, or put the text in quotes");
    case '|':
    case '>':
      in.fail("text blocks are not read", "write the text on one line, in double quotes with \\n");
    case '%':
      in.fail("directives are not read", "leave it out, or put the text in quotes");
    case '@':
    case '`':
    case ',':
    case ']':
    case '}':
    case '#':
      in.fail(std::string("a value cannot begin with '") + in.peek() + "'", "put the text in quotes");
    default:
      break;
  }
  for (const char c : {'-', '?', ':'})
    if (in.stands_alone(c))
      in.fail(std::string("a value cannot begin with '") + c + " '", "put it on a line of its own, or in quotes");
}

/// Text without quotes: to the end of the line, to " #" or ": "; in [ ] and { } also to what parts values.
inline std::string yaml_plain_text(YamlCursor& in, bool flow) {
  constexpr std::string_view parting = ",[]{}";
  check_plain_start(in);
  std::string out;
  while (!in.at_end() && !in.at_line_end()) {
    const char c = in.peek();
    if (in.stands_alone(':') || (in.blank() && in.peek(1) == '#')) break;
    if (flow && (parting.find(c) != parting.npos || (c == ':' && parting.find(in.peek(1)) != parting.npos))) break;
    out += c;
    in.skip(1);
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
  return out;
}

}  // namespace sseg::detail

#pragma once
#include <string>
#include <string_view>

#include "sseg/io/utf8.hpp"

namespace sseg {

/// Text as HTML and XML show it, between tags and in quoted attributes: `<`, `>`, `&`, `"` and `'` escaped, what is no
/// character of XML 1.0 replaced by U+FFFD.
inline std::string html_text(std::string_view text) {
  std::string out;
  each_utf8(text, [&](char32_t code, std::string_view bytes) {
    const bool control = code < 0x20 && code != '\t' && code != '\n' && code != '\r';
    if (code == '<')
      out += "&lt;";
    else if (code == '>')
      out += "&gt;";
    else if (code == '&')
      out += "&amp;";
    else if (code == '"')
      out += "&quot;";
    else if (code == '\'')
      out += "&#39;";
    else
      out += control || code == 0xFFFE || code == 0xFFFF ? detail::utf8_replacement : bytes;
  });
  return out;
}

}  // namespace sseg

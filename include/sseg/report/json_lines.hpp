#pragma once
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sseg/io/utf8.hpp"
#include "sseg/meta/field_text.hpp"
#include "sseg/report/line_file.hpp"

namespace sseg {

namespace detail {

/// Text as a JSON string. JSON is UTF-8: bytes that are none become U+FFFD.
inline std::string json_quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef", short_escapes = "\"\\\n\r\t", letters = "\"\\nrt";
  std::string out = "\"";
  each_utf8(text, [&](char32_t code, std::string_view bytes) {
    if (const auto k = short_escapes.find(bytes); k != short_escapes.npos)
      out += {'\\', letters[k]};
    else if (code < 0x20)
      (out += "\\u00") += {hex[code >> 4], hex[code & 15]};
    else
      out += bytes;
  });
  return out + '"';
}

}  // namespace detail

/// A reflected record, or what one holds, as JSON on one line: fields in their order, lists as arrays, numbers with the
/// shortest digits that read back to the same value (those of `CsvWriter`), NaN and infinity as null. Small enough for
/// code that does without a JSON library; `fields_from_json` reads it.
template <class T>
std::string to_json_line(const T& value) {
  std::string text, between;
  if constexpr (Reflected<T>) {
    for_each_field(value, [&](std::string_view name, const auto& member) {
      text += between + detail::json_quoted(name) + ":" + to_json_line(member);
      between = ",";
    });
    return "{" + text + "}";
  } else if constexpr (ListField<T>) {
    for (const auto& item : value) text += std::exchange(between, ",") + to_json_line(item);
    return "[" + text + "]";
  } else if constexpr (std::is_arithmetic_v<T>) {
    if constexpr (std::is_floating_point_v<T>)
      if (!std::isfinite(value)) return "null";
    return to_text_value(value);
  } else {
    return detail::json_quoted(value);
  }
}

/// Writes reflected records as JSON lines (jsonlines.org), an object each. A resumed run appends. Model of Reporter.
class JsonLinesWriter {
 public:
  /// `append`: go on with a file that is there. Throws: Error when the file cannot be opened.
  explicit JsonLinesWriter(std::filesystem::path path, bool append = false) : file_(std::move(path), append) {}

  /// Throws: Error when the line cannot be written (disk full).
  template <Reflected Record>
  void write(const Record& record) {
    file_.add(to_json_line(record));
  }
  void flush() { file_.flush(); }

 private:
  LineFile file_;
};

}  // namespace sseg

#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "sseg/meta/field_text.hpp"
#include "sseg/report/line_file.hpp"

namespace sseg {

/// A field of a CSV line (RFC 4180): in double quotes where it must be, and where readers would take its front for a
/// byte order mark.
inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos && !text.starts_with("\xEF\xBB\xBF")) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

/// Writes reflected records as CSV (RFC 4180), one line each: the header names the fields, text is quoted where it must
/// be. A resumed run appends. Model of Reporter.
class CsvWriter {
 public:
  /// `append`: go on with a file that is there. Throws: Error when the file cannot be opened.
  explicit CsvWriter(std::filesystem::path path, bool append = false) : file_(std::move(path), append) {}

  /// Throws: Error when the line cannot be written (disk full).
  template <Reflected Record>
  void write(const Record& record) {
    if (file_.empty()) line(record, [](std::string_view name, const auto&) { return std::string(name); });
    line(record, [](std::string_view, const auto& value) { return csv_field(to_text_value(value)); });
  }
  void flush() { file_.flush(); }

 private:
  template <class Record, class Cell>
  void line(const Record& record, Cell&& cell) {
    std::string text, between;
    for_each_field(record, [&](std::string_view name, const auto& value) {
      text += between + cell(name, value);
      between = ",";
    });
    file_.add(text);
  }

  LineFile file_;
};

}  // namespace sseg

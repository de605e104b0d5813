#pragma once
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <type_traits>

#include "sseg/core/error.hpp"
#include "sseg/meta/field_text.hpp"

namespace sseg {

/// Writes reflected records as CSV (RFC 4180), one line each: the header names the fields, text is quoted where it must
/// be. A resumed run appends. Model of Reporter.
class CsvWriter {
 public:
  /// `append`: go on with a file that is there. Throws: Error when the file cannot be opened.
  explicit CsvWriter(std::filesystem::path path, bool append = false)
      : path_(std::move(path)),
        fresh_(!append || is_empty(path_)),
        out_(path_, append ? std::ios::app : std::ios::trunc) {
    check();
  }

  /// Throws: Error when the line cannot be written (disk full).
  template <Reflected Record>
  void write(const Record& record) {
    if (fresh_) line(record, [](std::string_view name, const auto&) { return std::string(name); });
    fresh_ = false;
    line(record, [](std::string_view, const auto& value) { return quoted(to_text_value(value)); });
  }
  void flush() {
    out_.flush();
    check();
  }

 private:
  template <class Record, class Cell>
  void line(const Record& record, Cell&& cell) {
    std::string text, between;
    for_each_field(record, [&](std::string_view name, const auto& value) {
      text += between + cell(name, value);
      between = ",";
    });
    out_ << text << "\n";
    flush();
  }
  static bool is_empty(const std::filesystem::path& file) {
    std::error_code absent;
    const auto size = std::filesystem::file_size(file, absent);
    return absent || size == 0;
  }
  static std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == text.npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  }
  void check() const {
    if (!out_) throw Error("cannot write the table", path_.string(), "free disk space or choose another folder");
  }

  std::filesystem::path path_;
  bool fresh_;
  std::ofstream out_;
};

}  // namespace sseg

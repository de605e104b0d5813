#pragma once
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "sseg/core/error.hpp"

namespace sseg {

/// A text file that gets a line at a time; each is handed to the system at once. What reporters write to.
class LineFile {
 public:
  /// `append`: go on with a file that is there. Throws: Error when the file cannot be opened.
  explicit LineFile(std::filesystem::path path, bool append = false)
      : path_(std::move(path)),
        empty_(!append || holds_nothing()),
        out_(path_, append ? std::ios::app : std::ios::trunc) {
    check();
  }

  /// No line is in it so far.
  bool empty() const { return empty_; }
  /// Throws: Error when the line cannot be written (disk full).
  void add(std::string_view line) {
    empty_ = false;
    out_ << line << '\n';
    flush();
  }
  void flush() {
    out_.flush();
    check();
  }

 private:
  bool holds_nothing() const {
    std::error_code absent;
    const auto size = std::filesystem::file_size(path_, absent);
    return absent || size == 0;
  }
  void check() const {
    if (!out_) throw Error("cannot write the table", path_.string(), "free disk space or choose another folder");
  }

  std::filesystem::path path_;
  bool empty_;
  std::ofstream out_;
};

}  // namespace sseg

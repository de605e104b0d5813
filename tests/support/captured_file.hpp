#pragma once
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace sseg_test {

/// A nameless file to print to, no terminal; `text()` is everything printed so far.
class CapturedFile {
 public:
  CapturedFile() : file_(std::tmpfile()) {
    if (file_ == nullptr) throw std::runtime_error("no temporary file");
  }
  CapturedFile(const CapturedFile&) = delete;
  CapturedFile& operator=(const CapturedFile&) = delete;
  ~CapturedFile() { std::fclose(file_); }

  std::FILE* file() { return file_; }
  std::string text() {
    std::fflush(file_);
    std::rewind(file_);
    std::string all;
    std::array<char, 256> piece{};
    for (std::size_t n = 0; (n = std::fread(piece.data(), 1, piece.size(), file_)) > 0;) all.append(piece.data(), n);
    std::fseek(file_, 0, SEEK_END);
    return all;
  }

 private:
  std::FILE* file_;
};

}  // namespace sseg_test

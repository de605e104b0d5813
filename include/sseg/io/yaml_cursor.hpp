#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/utf8.hpp"

namespace sseg::detail {

/// A place in a YAML text. Never looks beyond its end.
class YamlCursor {
 public:
  YamlCursor(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  bool at_end() const { return at_ == text_.size(); }
  /// The character `ahead` of here; beyond the end a line end.
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n'; }
  bool at_line_end() const { return peek() == '\n' || (peek() == '\r' && peek(1) == '\n'); }
  bool blank(std::size_t ahead = 0) const { return peek(ahead) == ' ' || peek(ahead) == '\t'; }
  /// Is here a character of its own, with a blank or a line end behind it?
  bool stands_alone(char c) const { return peek() == c && (blank(1) || peek(1) == '\n' || peek(1) == '\r'); }
  std::string_view rest() const { return text_.substr(at_); }

  Index line() const { return line_; }
  Index column() const { return static_cast<Index>(at_ - line_start_) + 1; }

  char take() {
    const char c = peek();
    skip(1);
    return c;
  }
  /// Requires: no line end among them.
  void skip(std::size_t count) { at_ = std::min(at_ + count, text_.size()); }
  void skip_blanks() {
    while (!at_end() && blank()) ++at_;
  }

  /// Passes blanks and a comment, which stands behind a blank or at the start of a line.
  void skip_to_line_end() {
    const auto before = at_;
    skip_blanks();
    if (peek() == '#' && (at_ > before || at_ == line_start_))
      while (!at_line_end()) ++at_;
  }
  void next_line() {
    at_ += peek() == '\r' ? 2 : 1;
    at_ = std::min(at_, text_.size());
    ++line_;
    line_start_ = at_;
  }
  /// Goes to the next thing that is no blank, comment or line end. Throws: Error at a tab where the indentation counts.
  void seek(bool tabs_indent) {
    for (;;) {
      if (column() == 1 && !tabs_indent) check_indentation();
      skip_to_line_end();
      if (at_end() || !at_line_end()) return;
      next_line();
    }
  }

  [[noreturn]] void fail(const std::string& what, const std::string& cure) const {
    fail_at(line_, column(), what, cure);
  }
  [[noreturn]] void fail_at(Index line, Index column, const std::string& what, const std::string& cure) const {
    throw Error(what, where_ + ":" + std::to_string(line) + ":" + std::to_string(column), cure);
  }

  /// Throws: Error unless the whole text is UTF-8 without control characters.
  void check_characters() const {
    YamlCursor c = *this;
    while (!c.at_end()) {
      if (c.at_line_end()) {
        c.next_line();
        continue;
      }
      const auto length = utf8_length(c.rest());
      if (length == 0) c.fail("the text is not UTF-8", "save the file as UTF-8");
      const auto byte = static_cast<unsigned char>(c.peek());
      if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
        c.fail("a control character", "take it out, or write it as \"\\x" + hex(byte) + "\" in double quotes");
      c.skip(length);
    }
  }

 private:
  static std::string hex(unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {digits[byte >> 4], digits[byte & 15]};
  }
  void check_indentation() {
    YamlCursor c = *this;
    while (!c.at_end() && c.peek() == ' ') c.skip(1);
    if (!c.at_end() && c.peek() == '\t') c.fail("a tab in the indentation", "indent with spaces");
  }

  std::string_view text_;
  std::string where_;
  std::size_t at_ = 0, line_start_ = 0;
  Index line_ = 1;
};

}  // namespace sseg::detail

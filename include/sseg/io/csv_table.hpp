#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// The table in a CSV text (RFC 4180): a line of column names, then rows of as many fields. Lines end in LF or CRLF;
/// a field in double quotes may hold commas, line ends, and quotes written twice; empty lines and a byte order mark at
/// the front are passed over.
class CsvTable {
 public:
  /// `where` names the source in messages. Throws `Error` with the line: no columns, a row of another length, a quote
  /// that is not closed or stands within a field.
  CsvTable(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    while (!text_.empty()) read_row();
    if (columns_.empty()) fail("no line with the names of columns");
  }

  const std::vector<std::string>& columns() const { return columns_; }
  /// Number of rows below the names.
  Index size() const { return columns_.empty() ? 0 : static_cast<Index>(cells_.size() / columns_.size()); }
  bool has(std::string_view name) const { return std::find(columns_.begin(), columns_.end(), name) != columns_.end(); }

  /// The place of a column. Throws `Error` when the table has none of that name.
  Index column(std::string_view name) const {
    const auto at = std::find(columns_.begin(), columns_.end(), name);
    if (at != columns_.end()) return at - columns_.begin();
    std::string names;
    for (const auto& c : columns_) names += (names.empty() ? "'" : ", '") + c + "'";
    throw Error("the table has no column '" + std::string(name) + "', but " + names, where_,
                "Check that it is the right file, and the first line.");
  }
  const std::string& cell(Index row, Index column) const {
    return cells_[to_size(row) * columns_.size() + to_size(column)];
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(what, where_ + ": line " + std::to_string(line_), "Write the file again as comma-separated values.");
  }

  void read_row() {
    const bool header = columns_.empty();
    auto& cells = header ? columns_ : cells_;
    if (take_line_end()) return;
    std::size_t fields = 1;
    for (cells.push_back(field()); !text_.empty() && text_.front() == ','; ++fields) {
      text_.remove_prefix(1);
      cells.push_back(field());
    }
    if (!header && fields != columns_.size())
      fail("a row of " + std::to_string(fields) + " fields below " + std::to_string(columns_.size()) + " names");
    if (!take_line_end() && !text_.empty()) fail("a quoted field that goes on behind its closing quote");
  }

  bool take_line_end() {
    const std::size_t length = text_.starts_with("\r\n") ? 2 : text_.starts_with('\n') ? 1 : 0;
    text_.remove_prefix(length);
    line_ += length > 0 ? 1 : 0;
    return length > 0;
  }

  std::string field() {
    if (text_.starts_with('"')) return quoted();
    const auto length = std::min(text_.find_first_of(",\n\""), text_.size());
    if (length < text_.size() && text_[length] == '"') fail("a quote within a field");
    std::string out(text_.substr(0, length));
    const bool crlf = length < text_.size() && text_[length] == '\n' && out.ends_with('\r');
    if (crlf) out.pop_back();
    text_.remove_prefix(out.size());
    return out;
  }

  std::string quoted() {
    std::string out;
    for (text_.remove_prefix(1);; text_.remove_prefix(1)) {
      const auto length = text_.find('"');
      if (length == text_.npos) fail("a quote that is not closed");
      out += text_.substr(0, length);
      text_.remove_prefix(length + 1);
      if (!text_.starts_with('"')) break;
      out += '"';
    }
    line_ += std::count(out.begin(), out.end(), '\n');
    return out;
  }

  std::string_view text_;  ///< what is still to be read
  std::string where_;
  std::vector<std::string> columns_, cells_;
  Index line_ = 1;
};

}  // namespace sseg

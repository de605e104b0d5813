#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/report/table.hpp"

namespace sseg {

/// Makes a table of values that come one by one: a row for each key, a column for each name, both in the order in which
/// they are first told. A place that is taken is not overwritten: the key gets another row.
class TablePivot {
 public:
  /// The headings of the columns that hold the key.
  explicit TablePivot(std::vector<std::string> key) : key_(std::move(key)) {}

  /// Throws: Error when the key has not one cell for each of its headings.
  void add(const std::vector<Cell>& key, const Column& column, const Cell& cell) {
    if (key.size() != key_.size())
      throw Error("a key of " + std::to_string(key.size()) + " cells for " + std::to_string(key_.size()) + " headings",
                  "TablePivot", "give a cell for each heading");
    const auto c = static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), column) - columns_.begin());
    if (c == columns_.size()) columns_.push_back(column);
    const auto free = [&](const Row& row) { return row.key == key && (c >= row.cells.size() || !row.cells[c]); };
    auto row = std::find_if(rows_.begin(), rows_.end(), free);
    if (row == rows_.end()) row = rows_.insert(row, {key, {}});
    if (row->cells.size() <= c) row->cells.resize(c + 1);
    row->cells[c] = cell;
  }

  /// Gives the table its columns and rows; where nothing was told there is an empty cell.
  void fill(Table& table) const {
    table.columns.clear();
    table.rows.clear();
    for (const std::string& heading : key_) table.columns.push_back({heading, ""});
    table.columns.insert(table.columns.end(), columns_.begin(), columns_.end());
    for (const Row& row : rows_) {
      std::vector<Cell> cells = row.key;
      for (std::size_t c = 0; c < columns_.size(); ++c)
        cells.push_back(c < row.cells.size() && row.cells[c] ? *row.cells[c] : Cell());
      table.add(std::move(cells));
    }
  }

 private:
  struct Row {
    std::vector<Cell> key;
    std::vector<std::optional<Cell>> cells;
  };
  std::vector<std::string> key_;
  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace sseg

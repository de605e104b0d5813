#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"

namespace sseg {

/// What stands in one place of a table: words, or a number with as many decimals as were measured and, where it has
/// one, the half-width of its interval. An empty cell has neither.
struct Cell {
  std::string text{};
  std::optional<double> value{};
  std::optional<double> half_width{};  ///< of the 95 % interval, in the unit of the value
  int decimals = 2;
  bool strong = false;  ///< stands out: the best of its column, say
  bool plus = false;    ///< a positive number has its sign too: a difference

  Cell() = default;
  Cell(std::string words) : text(std::move(words)) {}  // NOLINT(google-explicit-constructor): rows are lists of words
  Cell(const char* words) : text(words) {}             // NOLINT(google-explicit-constructor)
  Cell(double number, int places) : value(number), decimals(places) {}
  Cell(double number, double interval, int places) : value(number), half_width(interval), decimals(places) {}
  bool operator==(const Cell&) const = default;
};

/// One column: its heading, the unit of its numbers ("%", "CPU s"; empty: none).
struct Column {
  std::string heading{};
  std::string unit{};
  bool operator==(const Column&) const = default;
};

/// A table of results, whatever it is written as: `report/` has writers for Markdown, LaTeX, CSV and JSON. `caption`
/// and `notes` say what every number needs beside it: data set, split, protocol, episodes, seed, formula of the
/// interval.
struct Table {
  std::string name{};  ///< a plain word: names files and LaTeX labels
  std::string caption{};
  std::vector<Column> columns{};
  std::vector<std::vector<Cell>> rows{};
  std::vector<std::string> notes{};
  bool operator==(const Table&) const = default;

  /// Throws: Error when a row has more or fewer cells than there are columns.
  void add(std::vector<Cell> row) {
    if (row.size() != columns.size())
      throw Error("a row of " + std::to_string(row.size()) + " cells in a table of " + std::to_string(columns.size()) +
                      " columns",
                  "table '" + name + "'", "give one cell a column, an empty Cell where there is nothing");
    rows.push_back(std::move(row));
  }
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "sseg/io/utf8.hpp"
#include "sseg/report/table_text.hpp"

namespace sseg {

/// A table for the terminal: the caption, columns with two blanks between them (numbers to the right), the notes.
inline std::string to_plain_text(const Table& table) {
  std::vector<std::vector<std::string>> lines(1 + table.rows.size());
  for (const Column& c : table.columns) lines[0].push_back(as_utf8(heading_text(c)));
  for (std::size_t r = 0; r < table.rows.size(); ++r)
    for (const Cell& cell : table.rows[r]) lines[r + 1].push_back(as_utf8(cell_text(cell)));
  std::vector<Index> width(table.columns.size());
  for (const auto& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c) width[c] = std::max(width[c], utf8_width(line[c]));

  std::string text = table.caption.empty() ? "" : table.caption + "\n";
  for (const auto& line : lines) {
    std::string out;
    for (std::size_t c = 0; c < line.size(); ++c) {
      const std::string gap(to_size(width[c] - utf8_width(line[c])), ' ');
      out += (c > 0 ? "  " : "") + (holds_numbers(table, c) ? gap + line[c] : line[c] + gap);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + "\n";
  }
  for (const std::string& note : table.notes) text += "(" + note + ")\n";
  return text;
}

}  // namespace sseg

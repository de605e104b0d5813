#pragma once
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/io/utf8.hpp"
#include "sseg/report/table.hpp"

namespace sseg {

namespace detail {

inline std::string cell_text(const Cell& cell) {
  if (!cell.value) return cell.text;
  const auto rounded = [&](double number) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", cell.decimals, number);
    const bool zero = std::string_view(text).find_first_of("123456789ni") == std::string_view::npos;
    return std::string(zero && text[0] == '-' ? text + 1 : text);  // no "-0.00"
  };
  return rounded(*cell.value) + (cell.half_width ? " ± " + rounded(*cell.half_width) : "");
}

/// Places on a terminal, one a character.
inline std::size_t text_width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace detail

/// A table for the terminal: the caption, columns with two blanks between them (numbers to the right), the notes.
inline std::string to_plain_text(const Table& table) {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& c : table.columns) lines.front().push_back(c.heading + (c.unit.empty() ? "" : ", " + c.unit));
  for (const auto& row : table.rows) {
    lines.emplace_back();
    for (const Cell& cell : row) lines.back().push_back(detail::cell_text(cell));
  }
  std::vector<std::size_t> width(table.columns.size());
  for (const auto& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c) width[c] = std::max(width[c], detail::text_width(line[c]));

  const auto holds_words = [&](std::size_t c) {
    return std::none_of(table.rows.begin(), table.rows.end(),
                        [&](const auto& row) { return row[c].value.has_value(); });
  };
  std::string text = table.caption.empty() ? "" : table.caption + "\n";
  for (const auto& line : lines) {
    std::string out;
    for (std::size_t c = 0; c < line.size(); ++c) {
      const std::string gap(width[c] - detail::text_width(line[c]), ' ');
      out += (c > 0 ? "  " : "") + (holds_words(c) ? line[c] + gap : gap + line[c]);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + "\n";
  }
  for (const std::string& note : table.notes) text += "(" + note + ")\n";
  return text;
}

}  // namespace sseg

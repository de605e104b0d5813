#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/io/utf8.hpp"
#include "sseg/report/table_text.hpp"

namespace sseg {

/// Text that Markdown (CommonMark and GitHub's) shows as it is, on one line: what would mean something has a backslash
/// before it, line ends and other control characters become a space.
inline std::string markdown_text(std::string_view text) {
  constexpr std::string_view special = "\\`*_[]<>|~&$";
  std::string out;
  each_utf8(text, [&](char32_t code, std::string_view bytes) {
    if (special.find(bytes) != special.npos) out += '\\';
    out += code < 0x20 || code == 0x7F ? std::string_view(" ") : bytes;
  });
  return out;
}

namespace detail {

inline std::string markdown_cell(const Cell& cell) {
  const std::string text = cell.value ? cell_text(cell) : markdown_text(cell.text);
  return cell.strong && !text.empty() ? "**" + text + "**" : text;
}

/// "- text", and no heading or list within it.
inline std::string markdown_item(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view marks = digits == 0 ? "#+-=" : ".)";
  const bool means_something = digits < text.size() && marks.find(text[digits]) != marks.npos;
  return "- " + markdown_text(text.substr(0, digits)) + (means_something ? "\\" : "") +
         markdown_text(text.substr(digits)) + "\n";
}

/// "| one | two |", every cell as wide as its column.
inline std::string markdown_row(const std::vector<std::string>& cells, const std::vector<Index>& width,
                                const std::vector<bool>& right) {
  std::string line = "|";
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::string space(to_size(width[c] - utf8_width(cells[c])), ' ');
    line += " " + (right[c] ? space + cells[c] : cells[c] + space) + " |";
  }
  return line + "\n";
}

/// "|---|---:|": a colon where a column is aligned to the right.
inline std::string markdown_rule(const std::vector<Index>& width, const std::vector<bool>& right) {
  std::string line = "|";
  for (std::size_t c = 0; c < width.size(); ++c)
    line += std::string(to_size(width[c] + 1), '-') + (right[c] ? ":|" : "-|");
  return line + "\n";
}

}  // namespace detail

/// The table in GitHub's Markdown, aligned so that it can be read as it is too: caption, rows, notes as a list.
inline std::string to_markdown(const Table& table) {
  std::vector<std::vector<std::string>> lines(1 + table.rows.size());
  std::vector<bool> right;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    lines[0].push_back(markdown_text(heading_text(table.columns[c])));
    right.push_back(holds_numbers(table, c));
  }
  for (std::size_t r = 0; r < table.rows.size(); ++r)
    for (const Cell& cell : table.rows[r]) lines[r + 1].push_back(detail::markdown_cell(cell));
  std::vector<Index> width(table.columns.size(), 1);
  for (const auto& line : lines)
    for (std::size_t c = 0; c < width.size(); ++c) width[c] = std::max(width[c], utf8_width(line[c]));

  std::string text = table.caption.empty() ? "" : "**" + markdown_text(table.caption) + "**\n\n";
  for (std::size_t l = 0; l < lines.size(); ++l) {
    text += detail::markdown_row(lines[l], width, right);
    if (l == 0) text += detail::markdown_rule(width, right);
  }
  if (!table.notes.empty()) text += "\n";
  for (const std::string& note : table.notes) text += detail::markdown_item(note);
  return text;
}

}  // namespace sseg

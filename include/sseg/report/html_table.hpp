#pragma once
#include <string>

#include "sseg/report/html_text.hpp"
#include "sseg/report/table_text.hpp"

namespace sseg {

/// The table in HTML, in a box that scrolls where the screen is narrow: caption, rows, notes as a list.
inline std::string html_table(const Table& table) {
  const std::string caption = html_text(table.caption);
  std::string out = "<p class=\"caption\">" + caption +
                    "</p>\n<div class=\"scroll\" tabindex=\"0\"><table aria-label=\"" + caption + "\">\n<thead><tr>";
  const auto style = [&](std::size_t c) { return holds_numbers(table, c) ? " class=\"number\"" : ""; };
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    out += std::string("<th scope=\"col\"") + style(c) + ">" + html_text(heading_text(table.columns[c])) + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) {
      const Cell& cell = row[c];
      std::string text = html_text(cell.text);
      if (cell.value) text = fixed_text(*cell.value, cell.decimals, cell.plus);
      if (cell.value && cell.half_width) text += " ± " + fixed_text(*cell.half_width, cell.decimals);
      out += std::string("<td") + style(c) + ">" + (cell.strong ? "<strong>" + text + "</strong>" : text) + "</td>";
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (table.notes.empty()) return out;
  out += "<ul class=\"notes\">";
  for (const auto& note : table.notes) out += "<li>" + html_text(note) + "</li>";
  return out + "</ul>\n";
}

}  // namespace sseg

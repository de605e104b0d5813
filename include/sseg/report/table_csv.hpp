#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "sseg/meta/field_text.hpp"
#include "sseg/report/csv.hpp"
#include "sseg/report/table_text.hpp"

namespace sseg {

namespace detail {

inline std::string csv_line(const std::vector<std::string>& fields) {
  if (fields.size() == 1 && fields[0].empty()) return "\"\"\n";  // an empty line would be no row
  std::string line;
  for (const std::string& field : fields) line += (&field == fields.data() ? "" : ",") + csv_field(field);
  return line + "\n";
}

}  // namespace detail

/// The table as CSV (RFC 4180, but lines end in LF), for programs: numbers with all their digits; a column with
/// intervals is followed by one of their half-widths, "HEADING ±"; caption and notes stand in a last column "about",
/// for a row may be cut out and passed on. `CsvTable` reads it.
inline std::string to_csv(const Table& table) {
  std::string about = table.caption;
  for (const std::string& note : table.notes) about += (about.empty() ? "" : " | ") + note;
  const auto has_intervals = [&](std::size_t c) {
    return std::any_of(table.rows.begin(), table.rows.end(), [c](const auto& row) { return row[c].half_width; });
  };

  std::vector<std::string> fields;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    fields.push_back(heading_text(table.columns[c]));
    if (has_intervals(c)) fields.push_back(fields.back() + " ±");
  }
  if (!about.empty()) fields.emplace_back("about");
  std::string text = detail::csv_line(fields);
  for (const auto& row : table.rows) {
    fields.clear();
    for (std::size_t c = 0; c < row.size(); ++c) {
      fields.push_back(row[c].value ? to_text_value(*row[c].value) : row[c].text);
      if (has_intervals(c)) fields.push_back(row[c].half_width ? to_text_value(*row[c].half_width) : "");
    }
    if (!about.empty()) fields.push_back(about);
    text += detail::csv_line(fields);
  }
  return text;
}

}  // namespace sseg

#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sseg/io/csv_table.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/report/metrics_log.hpp"

namespace sseg {

/// The rows of a CSV file that a `CsvWriter` wrote of such records; a torn last line, of a run that was killed or is
/// still going on, is left out. Columns that an older run did not write are 0. Throws: Error with the line for a file
/// that cannot be read.
template <Reflected Row>
std::vector<Row> read_rows(const std::filesystem::path& file) {
  std::string text = read_file(file, Index{1} << 30);
  text.resize(text.rfind('\n') + 1);  // npos + 1 is 0
  if (text.empty()) return {};
  const CsvTable table(text, file.string());
  std::vector<Row> rows(to_size(table.size()));
  for (Index r = 0; r < table.size(); ++r)
    for_each_field(rows[to_size(r)], [&](std::string_view name, auto& member) {
      if (!table.has(name)) return;
      const std::string& cell = table.cell(r, table.column(name));
      const auto value = from_text_value<std::remove_reference_t<decltype(member)>>(cell);
      if (!value)
        throw Error("'" + cell + "' is not " + std::string(type_in_words<std::remove_reference_t<decltype(member)>>()),
                    file.string() + ": row " + std::to_string(r + 1) + ", column '" + std::string(name) + "'",
                    "take an undamaged file");
      member = *value;
    });
  return rows;
}

/// The rows of a metrics.csv. Throws: Error as `read_rows`.
inline std::vector<MetricsRow> read_metrics(const std::filesystem::path& file) { return read_rows<MetricsRow>(file); }

}  // namespace sseg

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/csv_table.hpp"
#include "sseg/report/table_csv.hpp"
#include "sseg/report/table_json.hpp"
#include "sseg/report/table_latex.hpp"
#include "sseg/report/table_markdown.hpp"

/// Any text is a table or an `Error`; a table can be written in every format, and read again from JSON and CSV.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const sseg::Table table = sseg::table_from_json(sseg::parse_json(text, "fuzz.json"), "fuzz.json");
    sseg::to_markdown(table);
    sseg::to_latex(table);
    if (sseg::to_json(sseg::table_from_json(sseg::to_json(table), "again")) != sseg::to_json(table)) std::abort();
    const std::string csv = sseg::to_csv(table);
    if (!table.columns.empty() &&
        sseg::CsvTable(csv, "again.csv").size() != static_cast<sseg::Index>(table.rows.size()))
      std::abort();
  } catch (const sseg::Error&) {
  }
  return 0;
}

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/csv_table.hpp"

/// Any bytes are a table or an `Error`; every cell of a table can be read.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const sseg::CsvTable table({reinterpret_cast<const char*>(data), size}, "fuzz.csv");
    std::size_t bytes = 0;
    for (sseg::Index row = 0; row < table.size(); ++row)
      for (std::size_t c = 0; c < table.columns().size(); ++c)
        bytes += table.cell(row, static_cast<sseg::Index>(c)).size();
    if (bytes > size) std::abort();
  } catch (const sseg::Error&) {
  }
  return 0;
}

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/io/json.hpp"
#include "sseg/optim/adamw.hpp"

/// Any text fills the fields of a struct, or is an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    sseg::AdamW optimizer;
    sseg::fields_from_json(sseg::parse_json(text, "fuzz.json"), optimizer, "fuzz.json");
  } catch (const sseg::Error&) {
  }
  return 0;
}

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/curriculum/curriculum_scheduler.hpp"
#include "sseg/io/yaml_fields.hpp"

/// Any text fills the fields of a struct, or is an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    sseg::CurriculumScheduler fields;
    sseg::fields_from_yaml(text, fields, "fuzz.yaml");
  } catch (const sseg::Error&) {
  }
  return 0;
}

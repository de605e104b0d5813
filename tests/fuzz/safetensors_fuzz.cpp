#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/content_sum.hpp"
#include "sseg/io/safetensors.hpp"

/// Any bytes are a safetensors file, which can be written and read again, or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sseg::SafeTensors;
  try {
    const auto file = SafeTensors::from_bytes({reinterpret_cast<const char*>(data), size}, "fuzz.safetensors");
    const auto again = SafeTensors::from_bytes(file.to_bytes(), "again");
    if (sseg::content_sum(file, "") != sseg::content_sum(again, "")) std::abort();
  } catch (const sseg::Error&) {
  }
  return 0;
}

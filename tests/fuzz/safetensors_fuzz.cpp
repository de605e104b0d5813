#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/safetensors_header.hpp"

/// Any bytes are a safetensors file whose header holds, or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    sseg::detail::parse_safetensors_header({reinterpret_cast<const char*>(data), size}, "fuzz.safetensors");
  } catch (const sseg::Error&) {
  }
  return 0;
}

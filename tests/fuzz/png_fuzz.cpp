#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/png.hpp"

/// Any bytes are a picture or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    sseg::decode_png(bytes, "fuzz.png", {0, 1 << 18});
    sseg::decode_png(bytes, "fuzz.png", {1, 1 << 18});
  } catch (const sseg::Error&) {
  }
  return 0;
}

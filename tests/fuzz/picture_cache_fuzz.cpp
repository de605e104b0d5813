#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/data/picture_cache_header.hpp"

/// Any bytes are a picture cache whose head holds, or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    sseg::detail::PictureCacheHeader::read(bytes, "fuzz.cache");
  } catch (const sseg::Error&) {
  }
  return 0;
}

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <algorithm>
#include "sseg/core/error.hpp"

#include "sseg/data/decode_idx.hpp"

/// Any bytes, the first of which tells how many belong to the labels, are a data set or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    if (bytes.empty()) return 0;
    const std::size_t labels = std::min<std::size_t>(data[0], bytes.size() - 1);
    sseg::decode_idx(bytes.substr(1 + labels), "pictures", bytes.substr(1, labels), "labels");
  } catch (const sseg::Error&) {
  }
  return 0;
}

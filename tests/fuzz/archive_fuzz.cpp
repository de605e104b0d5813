#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/archive.hpp"

/// Any bytes are a tar that can be read to its end, or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    sseg::ArchiveReader archive(bytes, "fuzz.tar", {1000, 1 << 22});
    while (archive.next())
      if (!archive.is_folder()) archive.read(1 << 20);
  } catch (const sseg::Error&) {
  }
  return 0;
}

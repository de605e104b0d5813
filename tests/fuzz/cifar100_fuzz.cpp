#include <cstddef>
#include <cstdint>
#include <string_view>

#include <string>
#include <vector>
#include "sseg/core/error.hpp"

#include "sseg/data/cifar100_file.hpp"

/// Any bytes are records that can be read, or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const sseg::Cifar100File file(std::string(bytes), "fuzz.bin", 4);
    std::vector<std::uint8_t> picture(sseg::to_size(sseg::Cifar100File::shape.count()));
    for (sseg::Index i = 0; i < file.size(); ++i) file.copy(i, {picture.data(), sseg::Cifar100File::shape});
  } catch (const sseg::Error&) {
  }
  return 0;
}

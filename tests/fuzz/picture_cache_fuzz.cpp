#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/memory_file.hpp"
#include "sseg/core/error.hpp"
#include "sseg/data/mapped_images.hpp"

namespace {

using Header = sseg::detail::PictureCacheHeader;

/// Reads every picture and label, then compares the sum of all.
void read_all(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  try {
    const sseg::MappedImages images(file.path());
    std::vector<float> picture(sseg::to_size(images.spec().shape.count()));
    for (sseg::Index i = 0; i < images.size(); ++i) images.read(i, {picture.data(), images.spec().shape});
    images.verify();
  } catch (const sseg::Error&) {
  }
}

/// The same with the sum of its head made right, so that what stands behind that check is reached.
std::string with_sum(std::string bytes) {
  if (bytes.size() < Header::fixed_bytes) return bytes;
  const std::uint64_t head = Header::number(bytes, 2);
  if (head < Header::fixed_bytes || head > bytes.size()) return bytes;
  std::string sum;
  Header::add_number(sum, Header::sum_of(std::string_view(bytes).substr(0, head)));
  return bytes.replace(Header::fixed_bytes - 8, 8, sum);
}

}  // namespace

/// Any file is a picture cache that can be read to its end, or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size), repaired = with_sum(bytes);
  if (repaired != bytes) read_all(data, size);
  read_all(reinterpret_cast<const std::uint8_t*>(repaired.data()), repaired.size());
  return 0;
}

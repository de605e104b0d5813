#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <string>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/archive.hpp"

namespace {

constexpr std::size_t block = 512;

/// The same with the sum right in every block that looks like a tar's header: libarchive reads no other.
std::string with_sums(std::string bytes) {
  constexpr std::size_t sum_at = 148, sum_bytes = 8, magic_at = 257;
  for (std::size_t at = 0; at + block <= bytes.size(); at += block) {
    if (bytes.compare(at + magic_at, 5, "ustar") != 0) continue;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at + sum_at), sum_bytes, ' ');
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const unsigned sum = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(block), 0U,
                                         [](unsigned s, char c) { return s + static_cast<unsigned char>(c); });
    char text[sum_bytes];
    std::snprintf(text, sizeof text, "%06o", sum);
    bytes.replace(at + sum_at, sum_bytes, std::string(text) + '\0' + ' ');
  }
  return bytes;
}

void read_all(std::string_view bytes) {
  try {
    sseg::ArchiveReader archive(bytes, "fuzz.tar", {1000, 1 << 22});
    while (archive.next())
      if (!archive.is_folder()) archive.read(1 << 20);
  } catch (const sseg::Error&) {
  }
}

}  // namespace

/// Any bytes are a tar that can be read to its end, or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size), repaired = with_sums(bytes);
  if (repaired != bytes) read_all(bytes);
  read_all(repaired);
  return 0;
}

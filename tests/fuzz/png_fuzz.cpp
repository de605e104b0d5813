#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/io/png.hpp"

namespace {

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

/// The same with the sum of every chunk made right: libpng looks at no chunk whose sum is wrong.
std::string with_sums(std::string bytes) {
  constexpr std::size_t signature = 8, length_and_type = 8;
  for (std::size_t at = signature; at + length_and_type + 4 <= bytes.size();) {
    std::size_t length = 0;
    for (std::size_t k = 0; k < 4; ++k) length = length << 8U | static_cast<unsigned char>(bytes[at + k]);
    if (length > bytes.size() - at - length_and_type - 4) break;
    const std::size_t sum_at = at + length_and_type + length;
    const std::uint32_t sum = crc32(std::string_view(bytes).substr(at + 4, 4 + length));
    for (unsigned k = 0; k < 4; ++k) bytes[sum_at + k] = static_cast<char>(sum >> (24U - 8U * k) & 255U);
    at = sum_at + 4;
  }
  return bytes;
}

void decode(std::string_view bytes) {
  for (const sseg::Index channels : {0, 1}) try {
      sseg::decode_png(bytes, "fuzz.png", {channels, 1 << 18});
    } catch (const sseg::Error&) {
    }
}

}  // namespace

/// Any bytes are a picture or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size), repaired = with_sums(bytes);
  if (repaired != bytes) decode(bytes);
  decode(repaired);
  return 0;
}

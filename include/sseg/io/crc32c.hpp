#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace sseg {

namespace detail {

/// Of every byte: its remainder by the Castagnoli polynomial, bits reversed.
inline constexpr std::array<std::uint32_t, 256> crc32c_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0x82f63b78u : 0u);
    table[byte] = rest;
  }
  return table;
}();

}  // namespace detail

/// CRC-32C (Castagnoli, RFC 3720): of "123456789" it is 0xe3069283.
constexpr std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t sum = 0xffffffffu;
  for (const char c : bytes) sum = (sum >> 8) ^ detail::crc32c_table[(sum ^ static_cast<unsigned char>(c)) & 0xff];
  return ~sum;
}

/// As TFRecord files hold it: rotated right by 15 bits, plus a constant, so that the sum of bytes which hold sums is
/// not weak.
constexpr std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t sum = crc32c(bytes);
  return ((sum >> 15) | (sum << 17)) + 0xa282ead8u;
}

}  // namespace sseg

#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "sseg/io/crc32c.hpp"

namespace sseg {

/// One record of a TFRecord file, all words little-endian: the length of `data` (8 bytes), the masked CRC-32C of these
/// 8 bytes, the data, the masked CRC-32C of the data.
inline std::string wire_record(std::string_view data) {
  const auto word = [](std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>((value >> (8 * i)) & 0xff);
    return text;
  };
  std::string record = word(data.size(), 8);
  record += word(masked_crc32c(record), 4);
  record += data;
  return record + word(masked_crc32c(data), 4);
}

}  // namespace sseg

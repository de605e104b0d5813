#pragma once
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "sseg/core/shape.hpp"

namespace sseg {

/// Writes a message in the wire format of protocol buffers (https://protobuf.dev/programming-guides/encoding), field
/// after field in the order of the calls; a nested message is another writer. Zeros are written too, which readers
/// take as the default that they are. For formats that are given by their field numbers, without a schema compiler.
/// Requires: field numbers from 1 to 2²⁹ − 1.
class WireWriter {
 public:
  /// int32, int64, uint64, bool, enum: seven bits a byte, the lowest first; negative ones as two's complement, ten
  /// bytes.
  WireWriter& number(std::uint32_t field, std::int64_t value) {
    key(field, 0);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  WireWriter& real(std::uint32_t field, double value) {
    key(field, 1);
    little_endian(std::bit_cast<std::uint64_t>(value));
    return *this;
  }
  WireWriter& real(std::uint32_t field, float value) {
    key(field, 5);
    little_endian(std::bit_cast<std::uint32_t>(value));
    return *this;
  }
  /// string or bytes.
  WireWriter& bytes(std::uint32_t field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  WireWriter& message(std::uint32_t field, const WireWriter& value) { return bytes(field, value.bytes_); }
  /// repeated int64, packed.
  WireWriter& packed(std::uint32_t field, std::span<const Index> values) {
    WireWriter list;
    for (const Index v : values) list.varint(static_cast<std::uint64_t>(v));
    return message(field, list);
  }
  /// repeated float, double or sfixed64, packed: their words one after the other, as raw data too holds them.
  template <class T>
  WireWriter& words(std::uint32_t field, std::span<const T> values) {
    using Word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    WireWriter list;
    for (const T v : values) list.little_endian(std::bit_cast<Word>(v));
    return message(field, list);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void key(std::uint32_t field, std::uint32_t wire_type) { varint(std::uint64_t{field} << 3 | wire_type); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7f) | 0x80);
    bytes_ += static_cast<char>(value);
  }
  template <class Word>
  void little_endian(Word word) {
    for (std::size_t i = 0; i < sizeof word; ++i) bytes_ += static_cast<char>((word >> (8 * i)) & 0xff);
  }

  std::string bytes_;
};

}  // namespace sseg

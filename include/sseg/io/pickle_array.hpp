#pragma once
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/shape.hpp"

namespace sseg {

/// A numpy array, or a numpy scalar that is no plain number (rank 0), as a pickle holds it.
struct PickleArray {
  std::string dtype;          ///< byte order, kind and size as numpy writes them: "|u1", "<i8", ">f4", "|S10"
  std::vector<Index> shape;   ///< extent of each axis
  std::vector<Index> stride;  ///< items in `bytes` from one place to the next along each axis: C, Fortran or any order
  std::string_view bytes;     ///< count() · item_bytes() bytes

  char kind() const { return dtype[1]; }
  bool big_endian() const { return dtype[0] == '>'; }

  /// Bytes of one item; numpy's text ("<U5") has four a character.
  Index item_bytes() const {
    Index size = 0;
    std::from_chars(dtype.data() + 2, dtype.data() + dtype.size(), size);
    return kind() == 'U' ? 4 * size : size;
  }

  /// Whether the last axis runs fastest, then the one before it, as in C.
  bool c_order() const {
    Index expected = 1;
    for (std::size_t axis = shape.size(); axis-- > 0; expected *= shape[axis])
      if (shape[axis] > 1 && stride[axis] != expected) return false;
    return true;
  }

  Index count() const { return item_bytes() == 0 ? 0 : static_cast<Index>(bytes.size()) / item_bytes(); }

  /// Item `i` of a boolean or integer array in the order of the bytes; nothing for other kinds, and for a value beyond
  /// 63 bits. Requires: 0 <= i < count().
  std::optional<Index> integer(Index i) const {
    if (kind() != 'b' && kind() != 'i' && kind() != 'u') return {};
    const Index size = item_bytes();
    std::uint64_t value = 0;
    for (Index b = 0; b < size; ++b) {
      const Index place = big_endian() ? b : size - 1 - b;
      value = value << 8U | static_cast<unsigned char>(bytes[to_size(i * size + place)]);
    }
    if (kind() == 'i' && size < 8 && (value >> (8U * static_cast<unsigned>(size) - 1U)) != 0)
      value |= ~std::uint64_t{0} << (8U * static_cast<unsigned>(size));
    if (kind() != 'i' && value > static_cast<std::uint64_t>(std::numeric_limits<Index>::max())) return {};
    return static_cast<Index>(value);
  }
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/io/pickle_value.hpp"

namespace sseg::detail {

/// Equally sized pictures that lie in somebody else's bytes in any regular order.
struct ByteStack {
  struct Steps {
    Index picture, row, column, channel;
  };

  std::string_view bytes;
  Index count = 0;
  Shape shape;      ///< (H, W, C) of each
  Steps step{};     ///< bytes from one to the next
  Index first = 0;  ///< place of the first byte of the first picture

  /// Writes picture `i` to out (H, W, C). Requires: 0 <= i < count.
  void copy(Index i, View<std::uint8_t> out) const {
    const char* from = bytes.data() + first + i * step.picture;
    std::uint8_t* to = out.data;
    if (step.channel == 1 && step.column == shape[2] && step.row == shape[1] * shape[2]) {
      std::copy_n(from, shape.count(), to);
      return;
    }
    for (Index y = 0; y < shape[0]; ++y)
      for (Index x = 0; x < shape[1]; ++x)
        for (Index c = 0; c < shape[2]; ++c)
          *to++ = static_cast<std::uint8_t>(from[y * step.row + x * step.column + c * step.channel]);
  }
};

/// The pictures of a pickled array (N, H, W, 3) of bytes. Throws `Error`: no such array.
inline ByteStack stack_nhwc(const PickleValue* value, const std::string& where) {
  const PickleArray* a = value == nullptr ? nullptr : value->array();
  if (a == nullptr || a->dtype != "|u1" || a->shape.size() != 4 || a->shape[3] != 3 || a->bytes.empty())
    throw Error("no array (pictures, height, width, 3) of bytes", where, "Check that it is the right file.");
  return {
      a->bytes, a->shape[0], {a->shape[1], a->shape[2], 3}, {a->stride[0], a->stride[1], a->stride[2], a->stride[3]}};
}

/// The pictures of a pickled array (N, 3·side·side) of bytes: rows of red, then of green, then of blue. Throws `Error`:
/// no such array.
inline ByteStack stack_planes(const PickleValue* value, Index side, const std::string& where) {
  const PickleArray* a = value == nullptr ? nullptr : value->array();
  if (a == nullptr || a->dtype != "|u1" || a->shape.size() != 2 || a->shape[1] != 3 * side * side)
    throw Error("no array (pictures, " + std::to_string(3 * side * side) + ") of bytes", where,
                "Check that it is the right file.");
  const Index s = a->stride[1];
  return {a->bytes, a->shape[0], {side, side, 3}, {a->stride[0], s * side, s, s * side * side}};
}

}  // namespace sseg::detail

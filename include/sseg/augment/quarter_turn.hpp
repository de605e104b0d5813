#pragma once
#include <algorithm>

#include "sseg/core/error.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// Turns a square picture (S, S, C) by turns·90° counter-clockwise, any whole number, exactly:
/// one turn is out(i, j) = in(j, S - 1 - i). Requires: `in` and `out` do not overlap.
/// Throws `Error`: not square, or shapes that differ.
inline void quarter_turn(View<const float> in, View<float> out, Index turns) {
  require(in.shape.rank == 3 && in.shape[0] == in.shape[1] && in.shape == out.shape,
          "a quarter turn needs a square picture (S, S, C) and room of its shape", "quarter_turn",
          "Crop or resize the picture to a square first.");
  const Index side = in.shape[0], channels = in.shape[2];
  const Index quarter = ((turns % 4) + 4) % 4;
  // The source of the first pixel, and the steps in the source for one row and one column of the result.
  const Index last = side - 1;
  const Index start = quarter == 0 ? 0 : quarter == 1 ? last : quarter == 2 ? last * side + last : last * side;
  const Index down = quarter == 0 ? side : quarter == 1 ? -1 : quarter == 2 ? -side : 1;
  const Index right = quarter == 0 ? 1 : quarter == 1 ? side : quarter == 2 ? -1 : -side;
  float* to = out.data;
  for (Index i = 0; i < side; ++i)
    for (Index j = 0; j < side; ++j, to += channels)
      std::copy_n(in.data + (start + i * down + j * right) * channels, channels, to);
}

}  // namespace sseg

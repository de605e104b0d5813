#pragma once
#include <algorithm>

#include "sseg/core/shape.hpp"

namespace sseg {

/// A loss over all pairs of a batch looks at so many rows of the pairs' matrix at a time: its memory grows with the
/// batch, not with the batch's square.
inline constexpr Index rows_at_once = 512;

/// f(first, count) for every block of rows, in order.
template <class F>
void each_row_block(Index rows, F&& f) {
  for (Index first = 0; first < rows; first += rows_at_once) f(first, std::min(rows_at_once, rows - first));
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <cstddef>

namespace sseg {

/// How `count` values are cut among `ranks`, one piece each: as equal as can be, the last ones shorter or empty.
struct ShareOfRanks {
  std::size_t count = 0, ranks = 1;

  /// Of the longest piece.
  std::size_t piece() const { return (count + ranks - 1) / ranks; }
  std::size_t begin(std::size_t rank) const { return std::min(count, rank * piece()); }
  std::size_t size(std::size_t rank) const { return begin(rank + 1) - begin(rank); }
};

/// out[i] = Σ_r parts[r·stride + i], r = 0, 1, … ranks − 1, in double: a sum over ranks, in their order.
template <class T>
void add_in_order(T* out, const T* parts, std::size_t count, std::size_t stride, std::size_t ranks) {
  for (std::size_t i = 0; i < count; ++i) {
    double sum = 0;
    for (std::size_t r = 0; r < ranks; ++r) sum += static_cast<double>(parts[r * stride + i]);
    out[i] = static_cast<T>(sum);
  }
}

}  // namespace sseg

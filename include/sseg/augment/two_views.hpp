#pragma once
#include <span>

#include "sseg/augment/view_set.hpp"
#include "sseg/concepts/augmentation.hpp"
#include "sseg/concepts/dataset.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// Two augmented views of every image of a batch, stacked: row i is view 1 of image i, row N + i view 2 (Chen et al.
/// 2020). Image `index` at `rng` always gives the same two pictures, whatever the threads and the batch around it.
class TwoViews {
 public:
  /// Fills and returns x:(2N, H, W, C). The view is valid until the next call.
  template <Dataset D, Augmentation A>
  View<const float> make(Threads& threads, const D& data, std::span<const Index> batch, const A& augment,
                         const Rng& rng) {
    return views_.make(threads, data, batch, {.global = 2}, augment, augment, augment, rng).global;
  }

  /// The row of the other view, for 2N rows: i ↔ N + i.
  static constexpr Index positive(Index row, Index rows) { return (row + rows / 2) % rows; }

 private:
  ViewSet views_;
};

}  // namespace sseg

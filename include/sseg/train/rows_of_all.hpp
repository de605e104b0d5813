#pragma once
#include "sseg/backend/ops.hpp"
#include "sseg/backend/reserve_for.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/view.hpp"
#include "sseg/train/all_ranks.hpp"

namespace sseg {

/// Puts the rows that every rank has of its images together, as one process with the whole batch would have them, where
/// the backend's arrays lie.
template <class T>
class RowsOfAll {
 public:
  /// rows:(V·n, D) of this rank's n images, view after view, and those of the others as (V·k·n, D): in each view the
  /// images of rank 0, of rank 1 … Valid until the next call; with one rank `rows` itself. All ranks call it.
  template <class B>
  View<const T> operator()(B& backend, View<const T> rows, Index n) {
    const AllRanks<B> ranks(backend);
    const Index k = ranks.size();
    if (k == 1) return rows;
    const Index block = n * rows.shape[1], views = rows.shape[0] / n, count = rows.shape.count();
    reserve_for(backend, by_rank_, k * count);
    reserve_for(backend, all_, k * count);
    ranks.gather_tensor(rows.flat(), by_rank_.span().first(to_size(k * count)));
    for (Index r = 0; r < k; ++r)
      for (Index v = 0; v < views; ++v)
        dispatch(backend, Copy<T>{block, by_rank_.data() + r * count + v * block, all_.data() + (v * k + r) * block});
    return {all_.data(), {k * rows.shape[0], rows.shape[1]}};
  }

 private:
  Buffer<T> by_rank_, all_;
};

}  // namespace sseg

#pragma once
#include <span>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/concepts/dataset.hpp"
#include "sseg/core/buffer.hpp"
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
    const auto n = static_cast<Index>(batch.size());
    const Shape in = ImageSpec(data.spec()).shape, out = augment.out_shape(in);
    raw_.reserve_at_least(n * in.count());
    views_.reserve_at_least(2 * n * out.count());
    const Shape all{2 * n, out[0], out[1], out[2]};
    threads.run(n, [&](Index i) {
      const View<float> image{raw_.data() + i * in.count(), in};
      data.read(batch[to_size(i)], image);
      const Rng own = rng.split(static_cast<std::uint64_t>(batch[to_size(i)]));
      for (Index v = 0; v < 2; ++v) {
        Rng draw = own.split(static_cast<std::uint64_t>(v));
        augment(draw, image, View<float>{views_.data() + (v * n + i) * out.count(), out});
      }
    });
    return {views_.data(), all};
  }

  /// The row of the other view, for 2N rows: i ↔ N + i.
  static constexpr Index positive(Index row, Index rows) { return (row + rows / 2) % rows; }

 private:
  Buffer<float> raw_, views_;
};

}  // namespace sseg

#pragma once
#include <cstdint>
#include <span>

#include "sseg/augment/quarter_turn.hpp"
#include "sseg/augment/view_counts.hpp"
#include "sseg/concepts/augmentation.hpp"
#include "sseg/concepts/dataset.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// Many augmented pictures of every image of a batch, in groups of one resolution (multi-crop, Caron et al. 2020).
/// In each group row v·N + i is view v of image i. Image `index` at `rng` always gives the same global and local views,
/// whatever the threads and the batch around it: global view v draws from rng.split(index).split(v). Rotated view j of
/// the i-th image of the batch is one more global picture turned by (i + j) mod 4 quarter turns (Gidaris et al. 2018);
/// of a part of a batch, `first` says which image of the whole its first one is.
class ViewSet {
 public:
  /// What `make` made: (views·N, H, W, C) each; data is null where there are no rows. Valid until the next call.
  struct Views {
    View<const float> global, local, rotated;
    Index images = 0;  ///< N
  };

  /// Draws the views. Every image is read once; no allocation after the first call of a size.
  /// Throws `Error`: as `ViewCounts::check`; a clean view of another shape than the global ones; rotated views that are
  /// not square.
  template <Dataset D, Augmentation G, Augmentation L, Augmentation C>
  const Views& make(Threads& threads, const D& data, std::span<const Index> batch, const ViewCounts& counts,
                    const G& global, const L& local, const C& clean, const Rng& rng, Index first = 0) {
    const Shape in = ImageSpec(data.spec()).shape, large = global.out_shape(in);
    check(counts, large, clean.out_shape(in));
    const auto n = static_cast<Index>(batch.size());
    global_.set(counts.global * n, large);
    local_.set(counts.local * n, local.out_shape(in));
    rotated_.set(counts.rotated * n, large);
    read_.set(threads.count(), in);
    unturned_.set(counts.rotated > 0 ? threads.count() : 0, large);
    threads.run(n, [&](Index i, int worker) {
      const auto index = batch[to_size(i)];
      const View<float> image = read_.row(worker);
      data.read(index, image);
      const Rng own = rng.split(tag(index));
      for (Index v = 0; v < counts.global; ++v) {
        Rng draw = own.split(tag(v));
        if (v == 0 && counts.clean_first)
          clean(draw, image, global_.row(v * n + i));
        else
          global(draw, image, global_.row(v * n + i));
      }
      for (Index v = 0; v < counts.local; ++v) {
        Rng draw = own.split("local").split(tag(v));
        local(draw, image, local_.row(v * n + i));
      }
      for (Index v = 0; v < counts.rotated; ++v) {
        Rng draw = own.split("rotated").split(tag(v));
        global(draw, image, unturned_.row(worker));
        quarter_turn(unturned_.row(worker), rotated_.row(v * n + i), first + i + v);
      }
    });
    return views_ = {global_.all(), local_.all(), rotated_.all(), n};
  }

 private:
  /// Pictures of one shape, one after the other.
  struct Group {
    Buffer<float> pictures;
    Shape one;
    Index rows = 0;

    void set(Index count, Shape picture) {
      rows = count, one = picture;
      pictures.reserve_at_least(count * picture.count());
    }
    View<float> row(Index r) { return {pictures.data() + r * one.count(), one}; }
    View<const float> all() const { return {rows > 0 ? pictures.data() : nullptr, {rows, one[0], one[1], one[2]}}; }
  };

  static std::uint64_t tag(Index i) { return static_cast<std::uint64_t>(i); }

  static void check(const ViewCounts& counts, Shape global, Shape clean) {
    counts.check();
    if (counts.clean_first && clean != global)
      throw Error("the clean view is " + to_string(clean) + ", the global views are " + to_string(global), "ViewSet",
                  "Let both augmentations end in pictures of one size.");
    if (counts.rotated > 0 && global[0] != global[1])
      throw Error("rotated views of " + to_string(global) + ", which is not square", "ViewSet",
                  "Let the global augmentation end in a square, or give rotated = 0.");
  }

  Group global_, local_, rotated_;
  Group read_, unturned_;  ///< one row for each thread
  Views views_;
};

}  // namespace sseg

#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "sseg/augment/view_set.hpp"
#include "sseg/data/batch_order.hpp"
#include "sseg/train/curriculum_order.hpp"

namespace sseg {

/// Batches of views of a training set for passes beside training: a pure function of the stream and the step. `Crops`:
/// MultiCrop. Keeps references to threads and data. Throws: Error as `BatchOrder`.
template <Dataset Data, class Crops>
class TrainingViews {
 public:
  TrainingViews(Threads& threads, const Data& data, Crops crops, Index batch, const Rng& rng)
      : threads_(&threads),
        data_(&data),
        crops_(std::move(crops)),
        rng_(rng.split("views")),
        order_(data.size(), batch, rng.split("order")) {}
  /// Every batch of this mix of a curriculum's levels. Throws: Error as `CurriculumOrder`, when a batch is made.
  TrainingViews(Threads& threads, const Data& data, Crops crops, Index batch, const Rng& rng, const LevelRanges& levels,
                const LevelMix& mix)
      : TrainingViews(threads, data, std::move(crops), batch, rng) {
    levels_.emplace(levels, batch, rng.split("order"));
    mix_ = mix;
  }

  /// All views that the run makes. Valid until the next call.
  const ViewSet::Views& at(Index step) { return make(step, crops_.counts); }
  /// The global ones alone.
  View<const float> global(Index step) {
    ViewCounts counts = crops_.counts;
    counts.local = counts.rotated = 0;
    return make(step, counts).global;
  }

 private:
  const ViewSet::Views& make(Index step, const ViewCounts& counts) {
    const std::span<const Index> images = levels_ ? levels_->at(step, mix_) : order_.at(step);
    return views_.make(*threads_, *data_, images, counts, crops_.global, crops_.local, crops_.clean,
                       rng_.split(static_cast<std::uint64_t>(step)));
  }

  Threads* threads_;
  const Data* data_;
  Crops crops_;
  Rng rng_;
  BatchOrder order_;
  std::optional<CurriculumOrder> levels_;  ///< in its place, with a curriculum
  LevelMix mix_;
  ViewSet views_;
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"

namespace sseg {

/// Which images make up the batch of a step: every epoch a new permutation of all images, cut into whole batches (a
/// remainder waits for the next epoch's draw). A pure function of the stream and the step, so a resumed run goes on
/// with the same batches. Throws: Error when a batch needs more images than there are.
class BatchOrder {
 public:
  BatchOrder(Index images, Index batch, const Rng& rng) : batch_(batch), rng_(rng), order_(to_size(images)) {
    if (batch < 1 || batch > images)
      throw Error("a batch of " + std::to_string(batch) + " cannot be drawn from " + std::to_string(images) + " images",
                  "BatchOrder", "lower the batch size or bring more images");
  }

  Index steps_per_epoch() const { return static_cast<Index>(order_.size()) / batch_; }
  Index epoch(Index step) const { return step / steps_per_epoch(); }

  /// Valid until the next call.
  std::span<const Index> at(Index step) {
    if (epoch(step) != shuffled_) shuffle(epoch(step));
    return std::span<const Index>(order_).subspan(to_size(step % steps_per_epoch() * batch_), to_size(batch_));
  }

 private:
  void shuffle(Index epoch) {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<Index>(i);
    Rng draw = rng_.split(static_cast<std::uint64_t>(epoch));
    draw.shuffle(std::span(order_));
    shuffled_ = epoch;
  }

  Index batch_;
  Rng rng_;
  std::vector<Index> order_;
  Index shuffled_ = -1;
};

}  // namespace sseg

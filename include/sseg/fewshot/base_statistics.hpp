#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// What few-shot classification may know of the training images, without their labels. A feature is a map of D/C places
/// with C channels each.
struct BaseStatistics {
  std::vector<float> mean{};       ///< (D): their mean feature; empty: unknown
  std::vector<float> whitening{};  ///< (C, C), row after row: W of `within_class_whitening`; empty: unknown
  bool operator==(const BaseStatistics&) const = default;

  Index channels() const { return static_cast<Index>(std::llround(std::sqrt(static_cast<double>(whitening.size())))); }
  /// Throws: Error when the statistics, where known, are not those of features of `dim` values, or are not finite.
  void check(Index dim) const {
    const Index c = channels();
    require(mean.empty() || static_cast<Index>(mean.size()) == dim,
            "the mean of the training images belongs to features of another length", "BaseStatistics",
            "take the one that was computed with this net");
    require(whitening.empty() || (!mean.empty() && c * c == static_cast<Index>(whitening.size()) && dim % c == 0),
            "the whitening belongs to features of other channels, or lacks its mean", "BaseStatistics",
            "take the one that was computed with this net");
    const auto finite = [](float v) { return std::isfinite(v); };
    require(std::all_of(mean.begin(), mean.end(), finite) && std::all_of(whitening.begin(), whitening.end(), finite),
            "the statistics of the training images are not finite", "BaseStatistics",
            "take undamaged ones; train with a lower learning rate");
  }
};

}  // namespace sseg

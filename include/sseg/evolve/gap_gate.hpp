#pragma once
#include <cmath>
#include <optional>

#include "sseg/core/error.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Lets growth happen only where the net has no capacity to spare: its positive path, the share of weights that a
/// router keeps, must measure at least `min_gap` worse than the dense net (train/path_gap.hpp). A net whose half does
/// as well need not grow. 0: growth is not asked. A gap that nobody could measure holds nothing up either.
/// The gap is a difference of two shares of the same probe images: with n images its noise is about 1/√n at the most.
struct GapGate {
  double min_gap = 0;
  bool operator==(const GapGate&) const = default;

  /// Throws: Error when the gap makes no sense.
  void check() const {
    require(std::isfinite(min_gap) && min_gap >= 0 && min_gap < 1, "the gap that growth waits for is out of range",
            "evolution.growth.min_gap", "give 0 (off) or more, and less than 1");
  }
  /// A gap has to be measured before growth is decided.
  bool asks() const { return min_gap > 0; }
  bool open(std::optional<double> gap) const { return !asks() || !gap || *gap >= min_gap; }
};

}  // namespace sseg

SSEG_FIELDS(sseg::GapGate, min_gap);

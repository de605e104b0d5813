#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// What a mutation is worth: the gain of the probe per log cost,
///   (probe_after − probe_before) / max(log(cost_after / cost_before), floor).
/// The floor keeps mutations that cost nearly nothing, or less than nothing, from dividing by zero.
struct Fitness {
  double floor = 0.01;
  bool operator==(const Fitness&) const = default;

  /// Throws: Error when a cost or the floor is not positive.
  double operator()(double probe_before, double probe_after, Index cost_before, Index cost_after) const {
    return (probe_after - probe_before) / log_cost(cost_before, cost_after);
  }
  /// The denominator alone.
  double log_cost(Index before, Index after) const {
    require(before > 0 && after > 0 && floor > 0, "a fitness needs positive costs and a positive floor", "Fitness",
            "give the net's MACs or parameters, and a floor above 0");
    return std::max(std::log(static_cast<double>(after) / static_cast<double>(before)), floor);
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::Fitness, floor);

#pragma once
#include <cmath>

#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// The mean loss of the steps since the last look at the probe.
struct MeanLoss {
  double sum = 0;
  Index count = 0;
  bool operator==(const MeanLoss&) const = default;

  void add(double loss) {
    sum += loss;
    ++count;
  }
  /// Not-a-number without a step.
  double value() const { return count > 0 ? sum / static_cast<double>(count) : std::nan(""); }
};

}  // namespace sseg

SSEG_FIELDS(sseg::MeanLoss, sum, count);

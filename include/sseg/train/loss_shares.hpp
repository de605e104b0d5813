#pragma once
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "sseg/core/error.hpp"

namespace sseg {

/// What the host knows of the loss of a step: for every term its weight, and what the loss has returned.
struct LossShares {
  std::vector<double> weights, returned;

  void start(std::size_t terms) {
    weights.assign(terms, 0.0);
    returned.assign(terms, 0.0);
  }
  /// Σ w_k·(returned_k + sums_k) over the terms; `sums`, what losses have left on a device, may be empty.
  /// Throws: Error when it is not finite.
  double loss(std::span<const double> sums = {}) const {
    double total = 0;
    for (std::size_t k = 0; k < weights.size(); ++k)
      total += weights[k] * (returned[k] + (sums.empty() ? 0.0 : sums[k]));
    require(std::isfinite(total), "the loss is not finite", "Step", "lower the learning rate or raise the temperature");
    return total;
  }
};

}  // namespace sseg

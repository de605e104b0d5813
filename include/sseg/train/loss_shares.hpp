#pragma once
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "sseg/core/error.hpp"

namespace sseg {

/// What the host knows of the loss of a step: for every term its weight, what the loss has returned, and of how many
/// ranks' values the one on a device is the sum whose mean is meant.
struct LossShares {
  std::vector<double> weights, returned, ranks;

  void start(std::size_t terms) {
    weights.assign(terms, 0.0);
    returned.assign(terms, 0.0);
    ranks.assign(terms, 1.0);
  }
  /// Σ w_k·(returned_k + sums_k/ranks_k) over the terms; `sums`, what losses have left on a device, may be empty.
  /// Throws: Error when it is not finite.
  double loss(std::span<const double> sums = {}) const {
    double total = 0;
    for (std::size_t k = 0; k < weights.size(); ++k)
      total += weights[k] * (returned[k] + (sums.empty() ? 0.0 : sums[k] / ranks[k]));
    require(std::isfinite(total), "the loss is not finite", "Step", "lower the learning rate or raise the temperature");
    return total;
  }
};

}  // namespace sseg

#pragma once
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"

namespace sseg {

/// What the host knows of the loss of a step: for every term its weight, what the loss has returned, and of how many
/// ranks' values the one on a device is the sum whose mean is meant.
struct LossShares {
  std::vector<double> weights, returned, ranks;
  /// Words of the error. Whoever gives others keeps them.
  std::string_view whose = "the loss", where = "Step", cure = "lower the learning rate or raise the temperature";

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
    if (!std::isfinite(total)) throw Error(std::string(whose) + " is not finite", where, cure);
    return total;
  }
};

/// The loss of one pass as it was left: the host's share, and where the backend's arrays lie what losses have left
/// there and, of a scaled loss, whether gradients have overflowed (UnscaleGradients). Either may be empty.
struct LossPart {
  const LossShares& shares;
  std::span<const double> sums, overflow;
};

}  // namespace sseg

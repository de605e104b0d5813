#pragma once
#include <string_view>

#include "sseg/evolve/weight_sensitivity.hpp"

namespace sseg {

/// (g·w)²
struct TaylorScore {
  static constexpr std::string_view name = "taylor";
  static constexpr WeightScore operation = WeightScore::taylor;
  template <class T>
  static T of(T g, T w) {
    return (g * w) * (g * w);
  }
};

/// First-order Taylor importance of each stage (Molchanov et al. 2019, weight form): the sum of (g·w)² over the stage's
/// trained weights, as a running average over steps. It estimates what the loss would lose with the stage.
using TaylorSensitivity = WeightSensitivity<TaylorScore>;

}  // namespace sseg

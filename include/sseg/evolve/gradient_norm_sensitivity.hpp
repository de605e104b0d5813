#pragma once
#include <string_view>

#include "sseg/evolve/weight_sensitivity.hpp"

namespace sseg {

/// g²
struct SquaredGradient {
  static constexpr std::string_view name = "gradient_norm";
  static constexpr WeightScore operation = WeightScore::squared_gradient;
  template <class T>
  static T of(T g, T) {
    return g * g;
  }
};

/// The squared norm of the loss's gradient in a stage's weights, so that channels add up to their stage, as a running
/// average over steps: how fast the loss would fall if only this stage were trained.
using GradientNormSensitivity = WeightSensitivity<SquaredGradient>;

}  // namespace sseg

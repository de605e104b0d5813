#pragma once
#include <algorithm>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// With `probability`, inverts what is bright: x ← 1 - x where x >= threshold (Grill et al. 2020).
struct Solarize {
  float threshold = 0.5f;
  float probability = 0.2f;
  bool operator==(const Solarize&) const = default;

  constexpr Shape out_shape(Shape s) const { return s; }
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    invert_above(rng.chance(probability) ? threshold : 2.f, in, out);
  }

  /// x ← 1 - x where x >= threshold.
  static void invert_above(float threshold, View<const float> in, View<float> out) {
    // A choice between constants, both sums exact: compilers make vectors of it, but not of a choice between results.
    std::transform(in.data, in.data + in.shape.count(), out.data, [&](float v) {
      const float base = v >= threshold ? 1.f : 0.f, sign = v >= threshold ? -1.f : 1.f;
      return base + sign * v;
    });
  }
};

static_assert(Augmentation<Solarize>);

}  // namespace sseg

SSEG_FIELDS(sseg::Solarize, threshold, probability);

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
    const float from = rng.chance(probability) ? threshold : 2.f;
    std::transform(in.data, in.data + in.shape.count(), out.data, [&](float v) { return v >= from ? 1 - v : v; });
  }
};

static_assert(Augmentation<Solarize>);

}  // namespace sseg

SSEG_FIELDS(sseg::Solarize, threshold, probability);

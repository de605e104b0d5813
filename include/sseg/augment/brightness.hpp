#pragma once
#include <algorithm>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Brightness and contrast, x ← clamp(a·x + b), with one draw an image: a in 1 ± contrast, b in ± brightness.
struct Brightness {
  float contrast = 0.3f, brightness = 0.1f;
  bool operator==(const Brightness&) const = default;

  constexpr Shape out_shape(Shape s) const { return s; }
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    const float a = 1 + rng.uniform(-contrast, contrast), b = rng.uniform(-brightness, brightness);
    std::transform(in.data, in.data + in.shape.count(), out.data,
                   [&](float v) { return std::clamp(a * v + b, 0.f, 1.f); });
  }
};

static_assert(Augmentation<Brightness>);

}  // namespace sseg

SSEG_FIELDS(sseg::Brightness, contrast, brightness);

#pragma once
#include "sseg/augment/mirror.hpp"
#include "sseg/concepts/augmentation.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Mirrors the picture left to right with probability `horizontal`, and top to bottom with probability `vertical`.
struct Flip {
  float horizontal = 0.5f, vertical = 0.f;
  bool operator==(const Flip&) const = default;

  constexpr Shape out_shape(Shape s) const { return s; }

  Mirror draw(Rng& rng) const {
    const bool left_right = rng.chance(horizontal), top_bottom = rng.chance(vertical);
    return {left_right, top_bottom};
  }
  void operator()(Rng& rng, View<const float> in, View<float> out) const { draw(rng).apply(in, out); }
};

static_assert(Augmentation<Flip>);

}  // namespace sseg

SSEG_FIELDS(sseg::Flip, horizontal, vertical);

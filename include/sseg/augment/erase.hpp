#pragma once
#include <algorithm>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// With `probability`, sets one square of at most `side` (fraction of the shorter side) to 0 (Zhong et al. 2020).
struct Erase {
  float probability = 0.5f;
  float side = 0.3f;
  bool operator==(const Erase&) const = default;

  constexpr Shape out_shape(Shape s) const { return s; }
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    std::copy_n(in.data, in.shape.count(), out.data);
    if (!rng.chance(probability)) return;
    const Index h = in.shape[0], w = in.shape[1], c = in.shape[2];
    const auto most = static_cast<Index>(side * static_cast<float>(std::min(h, w)));
    const Index size = 1 + rng.below(std::max<Index>(most, 1));
    const Index top = rng.below(std::max<Index>(h - size + 1, 1)), left = rng.below(std::max<Index>(w - size + 1, 1));
    for (Index i = top; i < std::min(top + size, h); ++i)
      std::fill_n(out.data + (i * w + left) * c, std::min(size, w - left) * c, 0.f);
  }
};

static_assert(Augmentation<Erase>);

}  // namespace sseg

SSEG_FIELDS(sseg::Erase, probability, side);

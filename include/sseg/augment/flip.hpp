#pragma once
#include <algorithm>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Mirrors the picture left to right with probability `horizontal`, and top to bottom with probability `vertical`.
struct Flip {
  float horizontal = 0.5f, vertical = 0.f;
  bool operator==(const Flip&) const = default;

  constexpr Shape out_shape(Shape s) const { return s; }
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    const bool left_right = rng.chance(horizontal), top_bottom = rng.chance(vertical);
    const Index h = in.shape[0], w = in.shape[1], c = in.shape[2];
    for (Index i = 0; i < h; ++i) {
      const float* from = in.data + (top_bottom ? h - 1 - i : i) * w * c;
      float* to = out.data + i * w * c;
      if (!left_right) {
        std::copy_n(from, w * c, to);
        continue;
      }
      for (Index j = 0; j < w; ++j)
        for (Index k = 0; k < c; ++k) to[j * c + k] = from[(w - 1 - j) * c + k];
    }
  }
};

static_assert(Augmentation<Flip>);

}  // namespace sseg

SSEG_FIELDS(sseg::Flip, horizontal, vertical);

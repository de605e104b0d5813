#pragma once
#include <algorithm>

#include "sseg/core/view.hpp"

namespace sseg {

/// Which way a picture is turned over.
struct Mirror {
  bool left_right = false, top_bottom = false;
  bool operator==(const Mirror&) const = default;

  /// Requires: `in` and `out` (H, W, C) of one shape, which do not overlap.
  void apply(View<const float> in, View<float> out) const {
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

}  // namespace sseg

#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_shape.hpp"

namespace sseg::cpu {

/// The output pixel in the middle of the first image, by the definition: a value near the mean of each channel, for
/// sums of squares that must not lose digits to a large mean. Requires: s is a forward pass.   y:(o)
inline void middle_output(const Correlation& s, const Conv2dForward<float>& a, float* y) {
  if (a.bias)
    std::copy_n(a.bias, s.out_c, y);
  else
    std::fill_n(y, s.out_c, 0.f);
  if (s.n * s.out_h * s.out_w == 0) return;
  for (Index u = 0; u < s.kernel; ++u)
    for (Index v = 0; v < s.kernel; ++v) {
      const Index row = s.out_h / 2 * s.stride + u - s.pad, col = s.out_w / 2 * s.stride + v - s.pad;
      if (row < 0 || row >= s.in_h || col < 0 || col >= s.in_w) continue;
      const float* x = a.x + (row * s.in_w + col) * s.in_c;
      const float* w = a.w + (u * s.kernel + v) * s.in_c * s.out_c;
      for (Index c = 0; c < s.in_c; ++c, w += s.out_c)
        for (Index o = 0; o < s.out_c; ++o) y[o] += x[c] * w[o];
    }
}

}  // namespace sseg::cpu

#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// Copies the input rows that output rows `rows` of one image need into `band`, with zeros for border and dilation:
/// band[t, q, c] = d[rows.begin·stride + t − pad, q − pad, c].
inline void copy_band(const Correlation& s, const BandPlan& plan, const float* image, Range rows, float* band) {
  const Index height = (rows.size() - 1) * s.stride + s.kernel, width = (s.out_w - 1) * s.stride + s.kernel;
  const Index first = rows.begin * s.stride - s.pad;
  // Columns q with 0 ≤ q − pad < in_w (dilation 1).
  const Index left = std::clamp<Index>(s.pad, 0, width), right = std::clamp<Index>(s.in_w + s.pad, left, width);
  for (Index t = 0; t < height; ++t, band += plan.pitch) {
    const Index d = first + t;
    if (d < 0 || d % s.dilation != 0 || d / s.dilation >= s.in_h) {
      std::fill_n(band, plan.pitch, 0.f);
      continue;
    }
    const float* row = image + d / s.dilation * s.in_w * s.in_c;
    if (s.dilation == 1) {
      std::fill_n(band, left * s.in_c, 0.f);
      if (right > left) std::copy_n(row + (left - s.pad) * s.in_c, (right - left) * s.in_c, band + left * s.in_c);
      std::fill_n(band + right * s.in_c, (width - right) * s.in_c, 0.f);
      continue;
    }
    std::fill_n(band, plan.pitch, 0.f);
    for (Index j = 0; j < s.in_w; ++j) {
      const Index q = j * s.dilation + s.pad;
      if (q >= 0 && q < width) std::copy_n(row + j * s.in_c, s.in_c, band + q * s.in_c);
    }
  }
}

}  // namespace sseg::cpu

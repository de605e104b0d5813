#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/backend/cpu/pieces.hpp"
#include "sseg/backend/cpu/simd.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

/// Σ a[i]·b[i], in an order fixed by `Lanes`.
template <int Lanes>
SSEG_INLINE inline float dot(const float* a, const float* b, Index count) {
  Vec<Lanes> sum{};
  Index i = 0;
  for (; i + Lanes <= count; i += Lanes) sum += at<Lanes>(a + i).v * at<Lanes>(b + i).v;
  float total = sum_lanes<Lanes>(sum);
  for (; i < count; ++i) total += a[i] * b[i];
  return total;
}

template <int Lanes>
void l2_normalize_forward(Threads& threads, const L2NormalizeForward<float>& a) {
  over_ranges<Lanes>(threads, a.rows, 2 * a.rows * a.cols, [&](Range rows) SSEG_INLINE {
    for (Index r = rows.begin; r < rows.end; ++r) {
      const float* x = a.x + r * a.cols;
      float* y = a.y + r * a.cols;
      a.norm[r] = std::max(std::sqrt(dot<Lanes>(x, x, a.cols)), a.eps);
      const float factor = 1 / a.norm[r];
      over_lanes<Lanes>(a.cols,
                        [&]<int lanes>(Index c) SSEG_INLINE { at<lanes>(y + c).v = factor * at<lanes>(x + c).v; });
    }
  });
}

template <int Lanes>
void l2_normalize_backward(Threads& threads, const L2NormalizeBackward<float>& a) {
  over_ranges<Lanes>(threads, a.rows, 3 * a.rows * a.cols, [&](Range rows) SSEG_INLINE {
    for (Index r = rows.begin; r < rows.end; ++r) {
      const float* y = a.y + r * a.cols;
      const float* dy = a.dy + r * a.cols;
      float* dx = a.dx + r * a.cols;
      const float along = dot<Lanes>(y, dy, a.cols), factor = 1 / a.norm[r];
      over_lanes<Lanes>(a.cols, [&]<int lanes>(Index c) SSEG_INLINE {
        at<lanes>(dx + c).v = factor * (at<lanes>(dy + c).v - along * at<lanes>(y + c).v);
      });
    }
  });
}

template <int Lanes>
void global_pool_forward(Threads& threads, const GlobalPoolForward<float>& a) {
  const float factor = 1 / static_cast<float>(a.positions);
  over_ranges<Lanes>(threads, a.n, a.n * a.positions * a.c, [&](Range images) SSEG_INLINE {
    for (Index n = images.begin; n < images.end; ++n)
      over_lanes<Lanes>(a.c, [&]<int lanes>(Index c) SSEG_INLINE {
        const float* x = a.x + n * a.positions * a.c + c;
        Vec<lanes> sum{};
        for (Index p = 0; p < a.positions; ++p) sum += at<lanes>(x + p * a.c).v;
        at<lanes>(a.y + n * a.c + c).v = factor * sum;
      });
  });
}

template <int Lanes>
void global_pool_backward(Threads& threads, const GlobalPoolBackward<float>& a) {
  const float factor = 1 / static_cast<float>(a.positions);
  over_ranges<Lanes>(threads, a.n, a.n * a.positions * a.c, [&](Range images) SSEG_INLINE {
    for (Index n = images.begin; n < images.end; ++n)
      for (Index p = 0; p < a.positions; ++p)
        over_lanes<Lanes>(a.c, [&]<int lanes>(Index c) SSEG_INLINE {
          at<lanes>(a.dx + (n * a.positions + p) * a.c + c).v = factor * at<lanes>(a.dy + n * a.c + c).v;
        });
  });
}

}  // namespace sseg::cpu

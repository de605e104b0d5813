#pragma once
#include <cmath>

#include "sseg/backend/cpu/cross_entropy.hpp"
#include "sseg/backend/cpu/pieces.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

template <int Lanes>
void softmax_rows(Threads& threads, const SoftmaxRows<float>& a) {
  over_ranges<Lanes>(threads, a.rows, 4 * a.rows * a.cols, [&](Range rows) SSEG_INLINE {
    for (Index r = rows.begin; r < rows.end; ++r) {
      const float* x = a.x + r * a.cols;
      float* y = a.y + r * a.cols;
      over_lanes<Lanes>(a.cols, [&]<int lanes>(Index k) SSEG_INLINE {
        Vec<lanes> v = at<lanes>(x + k).v;
        if (a.shift) v -= at<lanes>(a.shift + k).v;
        at<lanes>(y + k).v = a.scale * v;
      });
      const float sum = exp_row<Lanes>(y, a.cols, largest<Lanes>(y, a.cols)), factor = 1 / sum;
      over_lanes<Lanes>(a.cols,
                        [&]<int lanes>(Index k) SSEG_INLINE { at<lanes>(y + k).v = factor * at<lanes>(y + k).v; });
    }
  });
}

/// Gradient and loss (before its weight) of row `r`.
template <int Lanes>
SSEG_INLINE inline double softmax_cross_entropy_row(const SoftmaxCrossEntropy<float>& a, Index r) {
  float* s = a.s + r * a.cols;
  const float* target = a.target + r * a.cols;
  const float top = largest<Lanes>(s, a.cols);
  // Logits below the top one: a certain and right answer costs little, and no two large numbers cancel in that.
  Vec<Lanes> masses{}, costs{};
  float mass = 0, cost = 0;
  over_lanes<Lanes>(a.cols, [&]<int lanes>(Index k) SSEG_INLINE {
    const Vec<lanes> t = at<lanes>(target + k).v, below = a.scale * (at<lanes>(s + k).v - top), lost = t * below;
    at<lanes>(s + k).v = below;
    if constexpr (lanes == Lanes)
      masses += t, costs -= lost;
    else
      mass += sum_lanes<lanes>(t), cost -= sum_lanes<lanes>(lost);
  });
  mass += sum_lanes<Lanes>(masses), cost += sum_lanes<Lanes>(costs);
  const float sum = exp_row<Lanes>(s, a.cols, 0), all = a.weight * a.scale, factor = all * mass / sum;
  over_lanes<Lanes>(a.cols, [&]<int lanes>(Index k) SSEG_INLINE {
    at<lanes>(s + k).v = factor * at<lanes>(s + k).v - all * at<lanes>(target + k).v;
  });
  return static_cast<double>(mass) * std::log(static_cast<double>(sum)) + static_cast<double>(cost);
}

/// `space` holds one double per row.
template <int Lanes>
void softmax_cross_entropy(Threads& threads, const SoftmaxCrossEntropy<float>& a, double* space) {
  over_ranges<Lanes>(threads, a.rows, 6 * a.rows * a.cols, [&](Range rows) SSEG_INLINE {
    for (Index r = rows.begin; r < rows.end; ++r) space[r] = softmax_cross_entropy_row<Lanes>(a, r);
  });
  double loss = 0;
  for (Index r = 0; r < a.rows; ++r) loss += space[r];
  leave_value(a.loss, a.sum, static_cast<double>(a.weight) * loss);
}

}  // namespace sseg::cpu

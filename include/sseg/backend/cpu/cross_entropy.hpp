#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "sseg/backend/cpu/exp.hpp"
#include "sseg/backend/cpu/pieces.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

/// max over s[0 … count-1].
template <int Lanes>
SSEG_INLINE inline float largest(const float* s, Index count) {
  constexpr float low = -std::numeric_limits<float>::infinity();
  float top = low;
  Vec<Lanes> best = low + Vec<Lanes>{};
  Index i = 0;
  for (; i + Lanes <= count; i += Lanes) {
    const Vec<Lanes> v = at<Lanes>(s + i).v;
    best = v > best ? v : best;
  }
  if constexpr (Lanes > 1)
    for (int lane = 0; lane < Lanes; ++lane) top = std::max(top, best[lane]);
  for (; i < count; ++i) top = std::max(top, s[i]);
  return top;
}

/// s ← exp(s − top); returns the sum.
template <int Lanes>
SSEG_INLINE inline float exp_row(float* s, Index count, float top) {
  Vec<Lanes> sum{};
  float rest = 0;
  over_lanes<Lanes>(count, [&]<int lanes>(Index k) SSEG_INLINE {
    Vec<lanes> v = at<lanes>(s + k).v - top;
    exp_in_place<lanes>(v);
    at<lanes>(s + k).v = v;
    if constexpr (lanes == Lanes)
      sum += v;
    else
      rest += sum_lanes<lanes>(v);
  });
  return sum_lanes<Lanes>(sum) + rest;
}

/// Gradient and loss of row `a.first + i`; the diagonal counts as −∞.
template <int Lanes>
SSEG_INLINE inline double cross_entropy_row(const OffDiagonalCrossEntropy<float>& a, Index i) {
  float* s = a.s + i * a.cols;
  const Index hit = a.target[a.first + i];
  const float logit = s[hit];
  s[a.first + i] = -std::numeric_limits<float>::infinity();
  const float top = largest<Lanes>(s, a.cols);
  const float sum = exp_row<Lanes>(s, a.cols, top);
  const float each = 1 / static_cast<float>(a.cols), factor = each / sum;
  over_lanes<Lanes>(a.cols, [&]<int lanes>(Index k) SSEG_INLINE { at<lanes>(s + k).v = factor * at<lanes>(s + k).v; });
  s[hit] -= each;
  return std::log(static_cast<double>(sum)) + static_cast<double>(top) - static_cast<double>(logit);
}

/// `space` holds one double per row.
template <int Lanes>
void cross_entropy(Threads& threads, const OffDiagonalCrossEntropy<float>& a, double* space) {
  over_ranges<Lanes>(threads, a.rows, 4 * a.rows * a.cols, [&](Range rows) SSEG_INLINE {
    for (Index r = rows.begin; r < rows.end; ++r) space[r] = cross_entropy_row<Lanes>(a, r);
  });
  double loss = 0;
  for (Index r = 0; r < a.rows; ++r) loss += space[r];
  leave_value(a.loss, a.sum, loss / static_cast<double>(a.cols));
}

}  // namespace sseg::cpu

#pragma once
#include <algorithm>

#include "sseg/backend/cpu/rows.hpp"

namespace sseg::cpu {

/// Floats within a piece, doubles across.
template <int Lanes>
void dot_of_all(const Dot<float>& a) {
  constexpr Index piece = 4096;
  double sum = 0;
  for (Index i = 0; i < a.count; i += piece)
    sum += static_cast<double>(dot<Lanes>(a.a + i, a.b + i, std::min(piece, a.count - i)));
  leave_value(a.value, a.sum, static_cast<double>(a.alpha) * sum);
}

template <int Lanes>
void row_dots(Threads& threads, const RowDots<float>& a) {
  over_ranges<Lanes>(threads, a.rows, 2 * a.rows * a.cols, [&](Range rows) SSEG_INLINE {
    for (Index r = rows.begin; r < rows.end; ++r)
      a.out[r * a.stride] = a.alpha * dot<Lanes>(a.a + r * a.cols, a.b + r * a.cols, a.cols);
  });
}

template <int Lanes>
void scale_rows(Threads& threads, const ScaleRows<float>& a) {
  over_ranges<Lanes>(threads, a.rows, 2 * a.rows * a.cols, [&](Range rows) SSEG_INLINE {
    for (Index r = rows.begin; r < rows.end; ++r) {
      const float factor = a.alpha * a.factor[r * a.stride];
      const float* x = a.x + r * a.cols;
      float* y = a.y + r * a.cols;
      over_lanes<Lanes>(a.cols, [&]<int lanes>(Index c) SSEG_INLINE {
        const Vec<lanes> scaled = factor * at<lanes>(x + c).v;
        at<lanes>(y + c).v = a.accumulate ? at<lanes>(y + c).v + scaled : scaled;
      });
    }
  });
}

inline void one_hot_rows(const OneHotRows<float>& a) {
  std::fill_n(a.y, a.rows * a.cols, 0.f);
  for (Index r = 0; r < a.rows; ++r) {
    const Index q = a.first + r;
    a.y[r * a.cols + (q % a.period + a.shift * (q / a.period)) % a.cols] = 1;
  }
}

inline void column_scores(const ColumnScores<float>& a) {
  for (Index r = 0; r < a.rows; ++r)
    for (Index c = 0; c < a.cols; ++c) {
      const float g = a.g[r * a.cols + c], s = a.score == WeightScore::taylor ? g * a.w[r * a.cols + c] : g;
      a.columns[c] += static_cast<double>(s * s);
    }
}

}  // namespace sseg::cpu

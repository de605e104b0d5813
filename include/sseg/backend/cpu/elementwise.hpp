#pragma once
#include <algorithm>

#include "sseg/backend/cpu/pieces.hpp"
#include "sseg/backend/cpu/simd.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

/// f(Constant<lanes>, i) over all elements, cut over the team.
template <int Lanes, class F>
void over_elements(Threads& threads, Index count, F&& f) {
  over_ranges(threads, count, count, [&](Range r) { over_lanes<Lanes>(r.end, f, r.begin); });
}

inline void copy(Threads& threads, const Copy<float>& a) {
  over_ranges(threads, a.count, a.count, [&](Range r) { std::copy_n(a.x + r.begin, r.size(), a.y + r.begin); });
}

template <int Lanes>
void relu_forward(Threads& threads, const ReluForward<float>& a) {
  over_elements<Lanes>(threads, a.count, [&](auto lanes, Index i) SSEG_INLINE {
    const Vec<lanes> x = at<lanes>(a.x + i), zero{};
    at<lanes>(a.y + i) = zero > x ? zero : x;
  });
}

template <int Lanes>
void relu_backward(Threads& threads, const ReluBackward<float>& a) {
  over_elements<Lanes>(threads, a.count, [&](auto lanes, Index i) SSEG_INLINE {
    const Vec<lanes> y = at<lanes>(a.y + i), dy = at<lanes>(a.dy + i), zero{};
    at<lanes>(a.dx + i) = y > zero ? dy : zero;
  });
}

template <int Lanes>
void add(Threads& threads, const Add<float>& a) {
  over_elements<Lanes>(threads, a.count, [&](auto lanes, Index i) SSEG_INLINE {
    at<lanes>(a.y + i) = at<lanes>(a.a + i) + at<lanes>(a.b + i);
  });
}

template <int Lanes>
void ema_update(Threads& threads, const EmaUpdate<float>& a) {
  const float keep = a.decay, take = 1 - a.decay;
  over_elements<Lanes>(threads, a.count, [&](auto lanes, Index i) SSEG_INLINE {
    at<lanes>(a.target + i) = keep * at<lanes>(a.target + i) + take * at<lanes>(a.source + i);
  });
}

template <int Lanes>
void add_bias(Threads& threads, const AddBias<float>& a) {
  over_ranges(threads, a.rows, a.rows * a.cols, [&](Range rows) {
    for (Index r = rows.begin; r < rows.end; ++r)
      over_lanes<Lanes>(
          a.cols, [&](auto lanes, Index c) SSEG_INLINE { at<lanes>(a.y + r * a.cols + c) += at<lanes>(a.bias + c); });
  });
}

}  // namespace sseg::cpu

#pragma once
#include <algorithm>

#include "sseg/backend/cpu/pieces.hpp"
#include "sseg/backend/cpu/simd.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

/// f.operator()<lanes>(i) over all elements, cut over the team.
template <int Lanes, class F>
void over_elements(Threads& threads, Index count, F&& f) {
  over_ranges<Lanes>(threads, count, count, [&](Range r) SSEG_INLINE { over_lanes<Lanes>(r.end, f, r.begin); });
}

inline void copy(Threads& threads, const Copy<float>& a) {
  over_ranges<4>(threads, a.count, a.count,
                 [&](Range r) SSEG_INLINE { std::copy_n(a.x + r.begin, r.size(), a.y + r.begin); });
}

template <int Lanes>
void relu_forward(Threads& threads, const ReluForward<float>& a) {
  over_elements<Lanes>(threads, a.count, [&]<int lanes>(Index i) SSEG_INLINE {
    const Vec<lanes> x = at<lanes>(a.x + i).v, zero{};
    at<lanes>(a.y + i).v = zero > x ? zero : x;
  });
}

template <int Lanes>
void relu_backward(Threads& threads, const ReluBackward<float>& a) {
  over_elements<Lanes>(threads, a.count, [&]<int lanes>(Index i) SSEG_INLINE {
    const Vec<lanes> y = at<lanes>(a.y + i).v, dy = at<lanes>(a.dy + i).v, zero{};
    at<lanes>(a.dx + i).v = y > zero ? dy : zero;
  });
}

template <int Lanes>
void add(Threads& threads, const Add<float>& a) {
  over_elements<Lanes>(threads, a.count, [&]<int lanes>(Index i) SSEG_INLINE {
    at<lanes>(a.y + i).v = at<lanes>(a.a + i).v + at<lanes>(a.b + i).v;
  });
}

template <int Lanes>
void scale(Threads& threads, const Scale<float>& a) {
  over_elements<Lanes>(threads, a.count, [&]<int lanes>(Index i) SSEG_INLINE {
    const Vec<lanes> x = a.alpha * at<lanes>(a.x + i).v;
    at<lanes>(a.y + i).v = a.accumulate ? x + at<lanes>(a.y + i).v : x;
  });
}

template <int Lanes>
void ema_update(Threads& threads, const EmaUpdate<float>& a) {
  const float keep = a.decay, take = 1 - a.decay;
  over_elements<Lanes>(threads, a.count, [&]<int lanes>(Index i) SSEG_INLINE {
    at<lanes>(a.target + i).v = keep * at<lanes>(a.target + i).v + take * at<lanes>(a.source + i).v;
  });
}

template <int Lanes>
void add_bias(Threads& threads, const AddBias<float>& a) {
  over_ranges<Lanes>(threads, a.rows, a.rows * a.cols, [&](Range rows) SSEG_INLINE {
    for (Index r = rows.begin; r < rows.end; ++r)
      over_lanes<Lanes>(a.cols, [&]<int lanes>(Index c)
                                    SSEG_INLINE { at<lanes>(a.y + r * a.cols + c).v += at<lanes>(a.bias + c).v; });
  });
}

}  // namespace sseg::cpu

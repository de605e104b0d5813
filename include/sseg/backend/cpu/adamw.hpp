#pragma once
#include "sseg/backend/cpu/pieces.hpp"
#include "sseg/backend/cpu/simd.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

/// v = sqrt(v) for v ≥ 0, relative error below 3e-7 for normal numbers, an absolute error below 1e-18 for the rest:
/// Newton's iteration for 1/sqrt(v) from an estimate by the exponent. (Vector types have no square root.)
template <int Lanes>
SSEG_INLINE inline void sqrt_in_place(Vec<Lanes>& v) {
  const auto guess = 0x5f3759dfu - (SSEG_BITS(Lanes, v) >> 1);
  Vec<Lanes> r = SSEG_FLOATS(Lanes, guess);
  const Vec<Lanes> half = 0.5f * v;
  SSEG_UNROLL
  for (int i = 0; i < 4; ++i) r = r * (1.5f - half * r * r);
  v = v * r;
}

/// Elements `range`, all of one cohort. With m̂/(√v̂ + eps) = (m/c₁) / (√v/√c₂ + eps). then(i, w) gets the new weights.
template <int Lanes, class Then>
SSEG_INLINE inline void adamw_range(const AdamWUpdate<float>& a, Range range, const AdamCorrection& correction,
                                    const Then& then) {
  const float first = static_cast<float>(1 / correction.first), second = static_cast<float>(1 / correction.second);
  const float b1 = a.beta1, b2 = a.beta2, take1 = 1 - a.beta1, take2 = 1 - a.beta2;
  over_lanes<Lanes>(
      range.end,
      [&]<int lanes>(Index i) SSEG_INLINE {
        const Vec<lanes> g = at<lanes>(a.g + i).v, w = at<lanes>(a.w + i).v;
        const Vec<lanes> m = b1 * at<lanes>(a.m + i).v + take1 * g;
        const Vec<lanes> v = b2 * at<lanes>(a.v + i).v + take2 * g * g;
        Vec<lanes> root = v * second;
        sqrt_in_place<lanes>(root);
        at<lanes>(a.m + i).v = m;
        at<lanes>(a.v + i).v = v;
        const Vec<lanes> fresh = w - a.rate * (m * first / (root + a.eps) + a.decay * w);
        at<lanes>(a.w + i).v = fresh;
        then.template operator()<lanes>(i, fresh);
      },
      range.begin);
}

template <int Lanes, class Then>
void adamw_sweep(Threads& threads, const AdamWUpdate<float>& a, const Then& then) {
  over_ranges<Lanes>(threads, a.count, 4 * a.count, [&](Range range) SSEG_INLINE {
    if (!a.cohort) return adamw_range<Lanes>(a, range, a.correction[0], then);
    for (Index begin = range.begin, end = begin; begin < range.end; begin = end) {
      while (end < range.end && a.cohort[end] == a.cohort[begin]) ++end;
      adamw_range<Lanes>(a, {begin, end}, a.correction[a.cohort[begin]], then);
    }
  });
}

template <int Lanes>
void adamw_update(Threads& threads, const AdamWUpdate<float>& a) {
  adamw_sweep<Lanes>(threads, a, []<int lanes>(Index, const Vec<lanes>&) SSEG_INLINE {});
}

template <int Lanes>
void adamw_average_update(Threads& threads, const AdamWAverageUpdate<float>& a) {
  const float keep = a.keep, take = 1 - a.keep;
  adamw_sweep<Lanes>(threads, a.step, [&]<int lanes>(Index i, const Vec<lanes>& w) SSEG_INLINE {
    at<lanes>(a.target + i).v = keep * at<lanes>(a.target + i).v + take * w;
  });
}

}  // namespace sseg::cpu

#pragma once
#include "sseg/backend/cpu/elementwise.hpp"
#include "sseg/backend/cpu/exp.hpp"

namespace sseg::cpu {

/// below = Φ(x) and bell = exp(−x²/2). With u = |x|/√2 and t = 1/(1 + 0.3275911·u):
/// erfc(u) ≈ (a₁t + … + a₅t⁵)·exp(−u²), absolute error below 1.5e-7 (Abramowitz & Stegun, 7.1.26).
template <int Lanes>
SSEG_INLINE inline void normal_below(const Vec<Lanes>& x, Vec<Lanes>& below, Vec<Lanes>& bell) {
  const Vec<Lanes> zero{};
  const Vec<Lanes> u = 0.70710678118655f * (x < zero ? -x : x);
  bell = -(u * u);
  exp_in_place<Lanes>(bell);
  const Vec<Lanes> t = 1.f / (1.f + 0.3275911f * u);
  Vec<Lanes> p = t * 1.061405429f - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const Vec<Lanes> half = 0.5f * p * t * bell;
  below = x < zero ? half : 1.f - half;
}

template <int Lanes>
void gelu_forward(Threads& threads, const GeluForward<float>& a) {
  over_elements<Lanes>(threads, a.count, [&]<int lanes>(Index i) SSEG_INLINE {
    const Vec<lanes> x = at<lanes>(a.x + i).v;
    Vec<lanes> below, bell;
    normal_below<lanes>(x, below, bell);
    at<lanes>(a.y + i).v = x * below;
  });
}

template <int Lanes>
void gelu_backward(Threads& threads, const GeluBackward<float>& a) {
  over_elements<Lanes>(threads, a.count, [&]<int lanes>(Index i) SSEG_INLINE {
    const Vec<lanes> x = at<lanes>(a.x + i).v;
    Vec<lanes> below, bell;
    normal_below<lanes>(x, below, bell);
    at<lanes>(a.dx + i).v = at<lanes>(a.dy + i).v * (below + 0.3989422804014f * x * bell);
  });
}

}  // namespace sseg::cpu

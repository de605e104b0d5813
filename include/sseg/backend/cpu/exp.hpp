#pragma once
#include "sseg/backend/cpu/simd.hpp"

namespace sseg::cpu {

/// v = exp(v), lane by lane, relative error below 3e-7 on [-87, 88]; below -87 the result is 0, above 88 exp(88).
/// exp(x) = 2^n · exp(f) with n = round(x / ln 2), f = x − n·ln 2 in two parts, |f| ≤ 0.35, Taylor to f⁷.
template <int Lanes>
SSEG_INLINE inline void exp_in_place(Vec<Lanes>& v) {
  constexpr float round_shift = 12582912.f;  // 1.5·2^23: adding it leaves the nearest integer in the low bits
  const Vec<Lanes> zero{};
  const Vec<Lanes> x = v < 88.f + zero ? v : 88.f + zero;
  const Vec<Lanes> shifted = x * 1.44269504088896f + round_shift;
  const Vec<Lanes> n = shifted - round_shift;
  const Vec<Lanes> f = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  Vec<Lanes> p = f * (1.f / 5040) + 1.f / 720;
  p = p * f + 1.f / 120;
  p = p * f + 1.f / 24;
  p = p * f + 1.f / 6;
  p = p * f + 0.5f;
  p = p * f + 1.f;
  p = p * f + 1.f;
  const auto power = (SSEG_BITS(Lanes, shifted) << 23) + 0x3f800000u;
  p = p * SSEG_FLOATS(Lanes, power);
  v = v < -87.f + zero ? zero : p;
}

}  // namespace sseg::cpu

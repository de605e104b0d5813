#pragma once
#include "sseg/backend/cpu/simd.hpp"

/// Winograd's minimal filtering F(M×M, 3×3) (Lavin & Gray 2016, "Fast Algorithms for Convolutional Neural Networks",
/// equations 8 to 13 and section 4.3):  Y = Aᵀ[ (G g Gᵀ) ⊙ (Bᵀ d B) ]A  for a tile d of (M+2)², filter g of 3² and Y of
/// M². The one-dimensional transforms are written out here; each works on vectors of `Lanes` channels.
namespace sseg::cpu {

/// The matrices for tiles of `M`² outputs, M = 2 or 4, at the points 0, ±1, (±2,) ∞.
template <int M>
struct Winograd;

template <>
struct Winograd<2> {
  static constexpr int out = 2, in = 4, positions = 16;
  /// v = Bᵀ d
  template <class V>
  SSEG_INLINE static void input(const V (&d)[4], V (&v)[4]) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[1] - d[3];
  }
  /// u = G g
  template <class V>
  SSEG_INLINE static void filter(const V (&g)[3], V (&u)[4]) {
    const V even = 0.5f * (g[0] + g[2]), odd = 0.5f * g[1];
    u[0] = g[0];
    u[1] = even + odd;
    u[2] = even - odd;
    u[3] = g[2];
  }
  /// y = Aᵀ m
  template <class V>
  SSEG_INLINE static void output(const V (&m)[4], V (&y)[2]) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] - m[3];
  }
  /// m = A y
  template <class V>
  SSEG_INLINE static void output_adjoint(const V (&y)[2], V (&m)[4]) {
    m[0] = y[0];
    m[1] = y[0] + y[1];
    m[2] = y[0] - y[1];
    m[3] = -y[1];
  }
  /// g = Gᵀ u
  template <class V>
  SSEG_INLINE static void filter_adjoint(const V (&u)[4], V (&g)[3]) {
    const V even = 0.5f * (u[1] + u[2]);
    g[0] = u[0] + even;
    g[1] = 0.5f * (u[1] - u[2]);
    g[2] = u[3] + even;
  }
};

template <>
struct Winograd<4> {
  static constexpr int out = 4, in = 6, positions = 36;
  template <class V>
  SSEG_INLINE static void input(const V (&d)[6], V (&v)[6]) {
    const V even1 = d[4] - 4.f * d[2], odd1 = d[3] - 4.f * d[1];
    const V even2 = d[4] - d[2], odd2 = 2.f * (d[3] - d[1]);
    v[0] = 4.f * d[0] - 5.f * d[2] + d[4];
    v[1] = even1 + odd1;
    v[2] = even1 - odd1;
    v[3] = even2 + odd2;
    v[4] = even2 - odd2;
    v[5] = 4.f * d[1] - 5.f * d[3] + d[5];
  }
  template <class V>
  SSEG_INLINE static void filter(const V (&g)[3], V (&u)[6]) {
    const V even1 = (-1.f / 6) * (g[0] + g[2]), odd1 = (1.f / 6) * g[1];
    const V even2 = (1.f / 24) * g[0] + (1.f / 6) * g[2], odd2 = (1.f / 12) * g[1];
    u[0] = 0.25f * g[0];
    u[1] = even1 - odd1;
    u[2] = even1 + odd1;
    u[3] = even2 + odd2;
    u[4] = even2 - odd2;
    u[5] = g[2];
  }
  template <class V>
  SSEG_INLINE static void output(const V (&m)[6], V (&y)[4]) {
    const V sum1 = m[1] + m[2], sum2 = m[3] + m[4], dif1 = m[1] - m[2], dif2 = m[3] - m[4];
    y[0] = m[0] + sum1 + sum2;
    y[1] = dif1 + 2.f * dif2;
    y[2] = sum1 + 4.f * sum2;
    y[3] = dif1 + 8.f * dif2 + m[5];
  }
  template <class V>
  SSEG_INLINE static void output_adjoint(const V (&y)[4], V (&m)[6]) {
    const V even1 = y[0] + y[2], odd1 = y[1] + y[3], even2 = y[0] + 4.f * y[2], odd2 = 2.f * y[1] + 8.f * y[3];
    m[0] = y[0];
    m[1] = even1 + odd1;
    m[2] = even1 - odd1;
    m[3] = even2 + odd2;
    m[4] = even2 - odd2;
    m[5] = y[3];
  }
  template <class V>
  SSEG_INLINE static void filter_adjoint(const V (&u)[6], V (&g)[3]) {
    const V sum1 = (1.f / 6) * (u[1] + u[2]), sum2 = (1.f / 24) * (u[3] + u[4]);
    g[0] = 0.25f * u[0] - sum1 + sum2;
    g[1] = (1.f / 6) * (u[2] - u[1]) + (1.f / 12) * (u[3] - u[4]);
    g[2] = 4.f * sum2 - sum1 + u[5];
  }
};

/// to = R · from · Rᵀ with the one-dimensional R given as transform(const V (&)[In], V (&)[Out]): first the columns,
/// then the rows.  load(i, j) gives a vector by reference as load(i, j, v); store(i, j, v) takes one; i, j are
/// Constants.
template <int Lanes, int In, int Out, class Transform, class Load, class Store>
SSEG_INLINE inline void transform_2d(Transform&& transform, Load&& load, Store&& store) {
  Vec<Lanes> half[Out][In];
  SSEG_UNROLL
  for (int j = 0; j < In; ++j) {
    Vec<Lanes> from[In], to[Out];
    SSEG_UNROLL
    for (int i = 0; i < In; ++i) load(i, j, from[i]);
    transform(from, to);
    SSEG_UNROLL
    for (int i = 0; i < Out; ++i) half[i][j] = to[i];
  }
  SSEG_UNROLL
  for (int i = 0; i < Out; ++i) {
    Vec<Lanes> to[Out];
    transform(half[i], to);
    SSEG_UNROLL
    for (int j = 0; j < Out; ++j) store(i, j, to[j]);
  }
}

}  // namespace sseg::cpu

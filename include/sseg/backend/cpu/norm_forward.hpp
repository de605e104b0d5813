#pragma once
#include <limits>

#include "sseg/backend/cpu/pieces.hpp"
#include "sseg/backend/cpu/simd.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

/// The value below which an activation is cut off: 0 for ReLU, −∞ for none.
constexpr float activation_floor(const NormGeometry& g) {
  return g.relu ? 0.f : -std::numeric_limits<float>::infinity();
}

/// The side of the pooling window: fixed for the usual 1 and 2, so that its loops unroll; 0 stands for any.
template <int Pool>
constexpr Index pool_of(const NormGeometry& g) {
  return Pool > 0 ? Pool : g.pool;
}
/// f(Constant<1 | 2 | 0>) for this pool.
template <class F>
void choose_pool(Index pool, F&& f) {
  if (pool == 1) return f(Constant<1>{});
  if (pool == 2) return f(Constant<2>{});
  f(Constant<0>{});
}

/// One row of `windows` outputs; x's rows are `pitch` floats apart.
template <int Lanes, int Pool>
SSEG_INLINE inline void norm_windows(const NormReluPoolForward<float>& a, const float* x, Index pitch, Index windows,
                                     float* y) {
  const Index pool = pool_of<Pool>(a.g), c = a.g.c;
  const float floor = activation_floor(a.g);
  for (Index j = 0; j < windows; ++j, x += pool * c, y += c)
    over_lanes<Lanes>(c, [&]<int lanes>(Index k) SSEG_INLINE {
      const Vec<lanes> scale = at<lanes>(a.scale + k).v, shift = at<lanes>(a.shift + k).v, low = floor + Vec<lanes>{};
      Vec<lanes> best = at<lanes>(x + k).v * scale + shift;
      for (Index u = 0; u < pool; ++u)
        for (Index v = 0; v < pool; ++v) {
          if (u + v == 0) continue;
          const Vec<lanes> value = at<lanes>(x + u * pitch + v * c + k).v * scale + shift;
          best = value > best ? value : best;
        }
      at<lanes>(y + k).v = low > best ? low : best;
    });
}

/// The largest (sign ≥ 0) or smallest value of each window of one row, as norm_windows would choose it.
template <int Lanes>
SSEG_INLINE inline void extreme_windows(const NormGeometry& g, const float* sign, const float* x, Index pitch,
                                        Index windows, float* y) {
  const Index pool = g.pool, c = g.c;
  for (Index j = 0; j < windows; ++j, x += pool * c, y += c)
    over_lanes<Lanes>(c, [&]<int lanes>(Index k) SSEG_INLINE {
      using V = Vec<lanes>;
      V high = at<lanes>(x + k).v, low = high;
      for (Index u = 0; u < pool; ++u)
        for (Index v = 0; v < pool; ++v) {
          const V here = at<lanes>(x + u * pitch + v * c + k).v;
          high = here > high ? here : high;
          low = here < low ? here : low;
        }
      const V up = at<lanes>(sign + k).v, zero{};
      at<lanes>(y + k).v = up >= zero ? high : low;
    });
}

template <int Lanes>
void norm_forward(Threads& threads, const NormReluPoolForward<float>& a) {
  const NormGeometry& g = a.g;
  const Index out_h = g.out_h();
  choose_pool(g.pool, [&](auto pool) {
    over_ranges<Lanes>(threads, g.n * out_h, g.in_count(), [&](Range rows) SSEG_INLINE {
      for (Index r = rows.begin; r < rows.end; ++r)
        norm_windows<Lanes, pool>(a, a.x + (r / out_h * g.h + r % out_h * g.pool) * g.w * g.c, g.w * g.c, g.out_w(),
                                  a.y + r * g.out_w() * g.c);
    });
  });
}

}  // namespace sseg::cpu

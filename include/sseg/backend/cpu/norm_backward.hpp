#pragma once
#include <algorithm>

#include "sseg/backend/cpu/columns.hpp"
#include "sseg/backend/cpu/norm_forward.hpp"

namespace sseg::cpu {

/// Σ e and Σ e·(x − mean) over output rows `rows` (counted through all images), for one group of channels. Only a
/// window's maximum has e ≠ 0.
template <int Lanes, int Vectors, int Pool>
void norm_sums_block(const NormReluPoolBackward<float>& a, Range rows, Index first, double* sum_e, double* sum_ex) {
  const NormGeometry& g = a.g;
  const Index pool = pool_of<Pool>(g), c = g.c, pitch = g.w * g.c, out_h = g.out_h(), out_w = g.out_w();
  Vec<Lanes> scale[Vectors], shift[Vectors], mean[Vectors], se[Vectors]{}, sx[Vectors]{};
  unroll<Vectors>([&](auto v) SSEG_INLINE {
    scale[v] = at<Lanes>(a.scale + first + v * Lanes);
    shift[v] = at<Lanes>(a.shift + first + v * Lanes);
    mean[v] = at<Lanes>(a.mean + first + v * Lanes);
  });
  const Vec<Lanes> zero{}, low = activation_floor(g) + zero;
  for (Index r = rows.begin; r < rows.end; ++r) {
    const float* x = a.x + (r / out_h * g.h + r % out_h * pool) * pitch + first;
    const float* dy = a.dy + r * out_w * c + first;
    for (Index j = 0; j < out_w; ++j, x += pool * c, dy += c)
      unroll<Vectors>([&](auto v) SSEG_INLINE {
        Vec<Lanes> at_best = at<Lanes>(x + v * Lanes), best = at_best * scale[v] + shift[v];
        for (Index p = 0; p < pool; ++p)
          for (Index q = 0; q < pool; ++q) {
            if (p + q == 0) continue;
            const Vec<Lanes> here = at<Lanes>(x + p * pitch + q * c + v * Lanes), value = here * scale[v] + shift[v];
            at_best = value > best ? here : at_best;
            best = value > best ? value : best;
          }
        const Vec<Lanes> g_out = at<Lanes>(dy + v * Lanes), e = best > low ? g_out : zero;
        se[v] += e;
        sx[v] += e * (at_best - mean[v]);
      });
  }
  unroll<Vectors>([&](auto v) SSEG_INLINE {
    add_to_doubles<Lanes>(se[v], sum_e + v * Lanes);
    add_to_doubles<Lanes>(sx[v], sum_ex + v * Lanes);
  });
}

/// Per channel: dx = scale·e + slope·(x − mean) + base, the last two terms being those of the batch's statistics.
struct NormGradient {
  const float* slope;
  const float* base;
};

/// Inputs that no window covers: e = 0.
template <int Lanes>
void norm_dx_rest(const NormReluPoolBackward<float>& a, const NormGradient& d, Index pixels, const float* x,
                  float* dx) {
  for (Index p = 0; p < pixels; ++p, x += a.g.c, dx += a.g.c)
    over_lanes<Lanes>(a.g.c, [&](auto lanes, Index k) SSEG_INLINE {
      at<lanes>(dx + k) = at<lanes>(d.slope + k) * (at<lanes>(x + k) - at<lanes>(a.mean + k)) + at<lanes>(d.base + k);
    });
}

/// One row of windows and the columns right of them.
template <int Lanes, int Pool>
void norm_dx_row(const NormReluPoolBackward<float>& a, const NormGradient& d, const float* x, const float* dy,
                 float* dx) {
  const NormGeometry& g = a.g;
  const Index pool = pool_of<Pool>(g), c = g.c, pitch = g.w * g.c, out_w = g.out_w();
  for (Index j = 0; j < out_w; ++j, x += pool * c, dx += pool * c, dy += c)
    over_lanes<Lanes>(c, [&](auto lanes, Index k) SSEG_INLINE {
      using V = Vec<lanes>;
      const V scale = at<lanes>(a.scale + k), shift = at<lanes>(a.shift + k), zero{};
      const V low = activation_floor(g) + zero;
      V best = at<lanes>(x + k) * scale + shift, place = zero;
      for (Index p = 0; p < pool; ++p)
        for (Index q = 0; q < pool; ++q) {
          if (p + q == 0) continue;
          const V value = at<lanes>(x + p * pitch + q * c + k) * scale + shift;
          place = value > best ? static_cast<float>(p * pool + q) + zero : place;
          best = value > best ? value : best;
        }
      const V slope = at<lanes>(d.slope + k), base = at<lanes>(d.base + k), mean = at<lanes>(a.mean + k);
      const V g_out = at<lanes>(dy + k), e = best > low ? scale * g_out : zero;
      for (Index p = 0; p < pool; ++p)
        for (Index q = 0; q < pool; ++q) {
          const Index i = p * pitch + q * c + k;
          const V rest = slope * (at<lanes>(x + i) - mean) + base;
          at<lanes>(dx + i) = rest + (place == static_cast<float>(p * pool + q) + zero ? e : zero);
        }
    });
  const Index left = g.w - out_w * pool;
  for (Index p = 0; p < (left > 0 ? pool : 0); ++p) norm_dx_rest<Lanes>(a, d, left, x + p * pitch, dx + p * pitch);
}

template <int Lanes>
void norm_dx(Threads& threads, const NormReluPoolBackward<float>& a, const NormGradient& d) {
  const NormGeometry& g = a.g;
  const Index out_h = g.out_h(), steps = std::max<Index>(out_h, 1), pitch = g.w * g.c;
  choose_pool(g.pool, [&](auto pool) {
    over_ranges(threads, g.n * steps, g.in_count(), [&](Range units) {
      for (Index unit = units.begin; unit < units.end; ++unit) {
        const Index image = unit / steps, i = unit % steps, start = (image * g.h + i * g.pool) * pitch;
        if (i < out_h)
          norm_dx_row<Lanes, pool>(a, d, a.x + start, a.dy + (image * out_h + i) * g.out_w() * g.c, a.dx + start);
        if (i + 1 < steps) continue;
        const Index below = (image * g.h + out_h * g.pool) * pitch;
        norm_dx_rest<Lanes>(a, d, (g.h - out_h * g.pool) * g.w, a.x + below, a.dx + below);
      }
    });
  });
}

/// Doubles of workspace.
constexpr Index norm_backward_space(const NormGeometry& g) {
  return pieces_for(g.n * g.out_h(), g.in_count()) * 2 * g.c + g.c;
}

template <int Lanes>
void norm_backward(Threads& threads, const NormReluPoolBackward<float>& a, double* space) {
  const NormGeometry& g = a.g;
  const Index rows = g.n * g.out_h(), pieces = pieces_for(rows, g.in_count()), width = 2 * g.c;
  const Index block = std::max<Index>(1, rows_per_block / std::max<Index>(1, g.out_w()));
  choose_pool(g.pool, [&](auto pool) {
    threads.run(pieces, [&](Index piece) {
      double* mine = space + piece * width;
      std::fill_n(mine, width, 0.0);
      const Range r = part_of(rows, pieces, piece);
      for (Index row = r.begin; row < r.end; row += block)
        over_column_groups<Lanes>(g.c, [&](auto lanes, auto vectors, Index c) SSEG_INLINE {
          norm_sums_block<lanes, vectors, pool>(a, {row, std::min(row + block, r.end)}, c, mine + c, mine + g.c + c);
        });
    });
  });
  for (Index piece = 1; piece < pieces; ++piece)
    for (Index i = 0; i < width; ++i) space[i] += space[piece * width + i];

  float* slope = reinterpret_cast<float*>(space + pieces * width);
  float* base = slope + g.c;
  const double count = static_cast<double>(g.n * g.h * g.w);
  for (Index c = 0; c < g.c; ++c) {
    const double inv_std = static_cast<double>(a.inv_std[c]), scale = static_cast<double>(a.scale[c]);
    const double sum_e = space[c], sum_exhat = space[g.c + c] * inv_std;
    a.dgamma[c] += static_cast<float>(sum_exhat);
    a.dbeta[c] += static_cast<float>(sum_e);
    slope[c] = a.batch_statistics ? static_cast<float>(-scale * inv_std * sum_exhat / count) : 0.f;
    base[c] = a.batch_statistics ? static_cast<float>(-scale * sum_e / count) : 0.f;
  }
  if (a.dx) norm_dx<Lanes>(threads, a, {slope, base});
}

}  // namespace sseg::cpu

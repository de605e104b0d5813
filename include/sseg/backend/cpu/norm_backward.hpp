#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/backend/cpu/columns.hpp"
#include "sseg/backend/cpu/norm_forward.hpp"
#include "sseg/backend/norm_relu_pool_backward_data.hpp"

namespace sseg::cpu {

/// Adds e and e·(x − mean) of `Outputs` neighbouring outputs to the channels' sums. Only a window's maximum has e ≠ 0.
template <int Lanes, int Pool, int Outputs>
SSEG_INLINE inline void norm_sums(const NormReluPoolBackward<float>& a, const float* x, const float* dy, float* sum_e,
                                  float* sum_ex) {
  const NormGeometry& g = a.g;
  const Index pool = pool_of<Pool>(g), c = g.c, pitch = g.w * g.c;
  const float floor = activation_floor(g);
  over_lanes<Lanes>(c, [&]<int lanes>(Index k) SSEG_INLINE {
    using V = Vec<lanes>;
    const V scale = at<lanes>(a.scale + k).v, shift = at<lanes>(a.shift + k).v, mean = at<lanes>(a.mean + k).v;
    const V zero{}, low = floor + zero;
    V se = at<lanes>(sum_e + k).v, sx = at<lanes>(sum_ex + k).v;
    SSEG_UNROLL
    for (int output = 0; output < Outputs; ++output) {
      const float* window = x + output * pool * c + k;
      V at_best = at<lanes>(window).v, best = at_best * scale + shift;
      for (Index p = 0; p < pool; ++p)
        for (Index q = 0; q < pool; ++q) {
          if (p + q == 0) continue;
          const V here = at<lanes>(window + p * pitch + q * c).v, value = here * scale + shift;
          at_best = value > best ? here : at_best;
          best = value > best ? value : best;
        }
      const V g_out = at<lanes>(dy + output * c + k).v, e = best > low ? g_out : zero;
      se += e;
      sx += e * (at_best - mean);
    }
    at<lanes>(sum_e + k).v = se;
    at<lanes>(sum_ex + k).v = sx;
  });
}

/// Σ e and Σ e·(x − mean) over output rows `rows`, counted through all images.
template <int Lanes, int Pool>
SSEG_INLINE inline void norm_sums_of_rows(const NormReluPoolBackward<float>& a, Range rows, float* sums) {
  const NormGeometry& g = a.g;
  const Index pool = pool_of<Pool>(g), out_h = g.out_h(), out_w = g.out_w();
  for (Index r = rows.begin; r < rows.end; ++r) {
    const float* x = a.x + (r / out_h * g.h + r % out_h * pool) * g.w * g.c;
    const float* dy = a.dy + r * out_w * g.c;
    const auto outputs = [&]<int together>(Index j) SSEG_INLINE {
      norm_sums<Lanes, Pool, together>(a, x + j * pool * g.c, dy + j * g.c, sums, sums + g.c);
    };
    if constexpr (Pool > 0)
      over_rows({0, out_w}, pool * g.c, outputs);
    else
      for (Index j = 0; j < out_w; ++j) outputs.template operator()<1>(j);
  }
}

/// Adds e and e·(y − beta) of `Rows` outputs to the channels' sums. Where e ≠ 0, y − beta = scale·(x − mean) of the
/// window's maximum x.
template <int Lanes, int Rows>
SSEG_INLINE inline void norm_sums_of_outputs(const float* y, const float* dy, Index c, const float* beta, float* sum_e,
                                             float* sum_ey) {
  over_lanes<Lanes>(c, [&]<int lanes>(Index k) SSEG_INLINE {
    using V = Vec<lanes>;
    const V base = at<lanes>(beta + k).v, zero{};
    V se = at<lanes>(sum_e + k).v, sy = at<lanes>(sum_ey + k).v;
    SSEG_UNROLL
    for (int r = 0; r < Rows; ++r) {
      const V out = at<lanes>(y + r * c + k).v, g_out = at<lanes>(dy + r * c + k).v, e = out > zero ? g_out : zero;
      se += e;
      sy += e * (out - base);
    }
    at<lanes>(sum_e + k).v = se;
    at<lanes>(sum_ey + k).v = sy;
  });
}

/// Whether the sums are taken from the outputs, which after pooling are fewer than the inputs. x̂ is then off by some
/// roundings of size |mean|/std + |beta/gamma|; from the inputs, of size |mean|/std. So: where in every channel the
/// first is at most 256 and the second at most 64. Writes each channel's beta.
inline bool sums_from_outputs(const NormReluPoolBackward<float>& a, float* beta) {
  if (!a.y || !a.g.relu || a.g.pool < 2) return false;
  bool all = true;
  for (Index c = 0; c < a.g.c; ++c) {
    const float gamma = a.scale[c] / a.inv_std[c];
    beta[c] = a.shift[c] + a.mean[c] * a.scale[c];
    all = all && gamma != 0 && std::abs(beta[c]) <= 64 * std::abs(gamma) && std::abs(a.mean[c]) * a.inv_std[c] <= 256;
  }
  return all;
}

/// Per channel: dx = scale·e + slope·(x − mean) + base, the last two terms being those of the batch's statistics.
struct NormGradient {
  const float* slope;
  const float* base;
};

/// Inputs that no window covers: e = 0.
template <int Lanes>
SSEG_INLINE inline void norm_dx_rest(const NormReluPoolBackward<float>& a, const NormGradient& d, Index pixels,
                                     const float* x, float* dx) {
  for (Index p = 0; p < pixels; ++p, x += a.g.c, dx += a.g.c)
    over_lanes<Lanes>(a.g.c, [&]<int lanes>(Index k) SSEG_INLINE {
      at<lanes>(dx + k).v =
          at<lanes>(d.slope + k).v * (at<lanes>(x + k).v - at<lanes>(a.mean + k).v) + at<lanes>(d.base + k).v;
    });
}

/// dx of one 2×2 window: as below, with its inputs in registers.
template <int lanes>
SSEG_INLINE inline void norm_dx_window2(const NormReluPoolBackward<float>& a, const NormGradient& d, Index pitch,
                                        Index k, const float* x, const float* dy, float* dx) {
  using V = Vec<lanes>;
  const Index c = a.g.c, at_input[4] = {k, c + k, pitch + k, pitch + c + k};
  const V scale = at<lanes>(a.scale + k).v, shift = at<lanes>(a.shift + k).v, zero{};
  V in[4], v[4], taken[4];
  SSEG_UNROLL
  for (int i = 0; i < 4; ++i) {
    in[i] = at<lanes>(x + at_input[i]).v;
    v[i] = in[i] * scale + shift;
  }
  const V of2 = v[1] > v[0] ? v[1] : v[0], of3 = v[2] > of2 ? v[2] : of2, best = v[3] > of3 ? v[3] : of3;
  const V low = activation_floor(a.g) + zero, all = best > low ? scale * at<lanes>(dy + k).v : zero;
  taken[3] = v[3] > of3 ? all : zero;
  const V left3 = v[3] > of3 ? zero : all;
  taken[2] = v[2] > of2 ? left3 : zero;
  const V left2 = v[2] > of2 ? zero : left3;
  taken[1] = v[1] > v[0] ? left2 : zero;
  taken[0] = v[1] > v[0] ? zero : left2;
  const V slope = at<lanes>(d.slope + k).v, base = at<lanes>(d.base + k).v, mean = at<lanes>(a.mean + k).v;
  SSEG_UNROLL
  for (int i = 0; i < 4; ++i) at<lanes>(dx + at_input[i]).v = slope * (in[i] - mean) + base + taken[i];
}

/// One row of windows and the columns right of them.
template <int Lanes, int Pool>
SSEG_INLINE inline void norm_dx_row(const NormReluPoolBackward<float>& a, const NormGradient& d, const float* x,
                                    const float* dy, float* dx) {
  const NormGeometry& g = a.g;
  const Index pool = pool_of<Pool>(g), c = g.c, pitch = g.w * g.c, out_w = g.out_w();
  for (Index j = 0; j < out_w; ++j, x += pool * c, dx += pool * c, dy += c)
    over_lanes<Lanes>(c, [&]<int lanes>(Index k) SSEG_INLINE {
      if constexpr (Pool == 2) return norm_dx_window2<lanes>(a, d, pitch, k, x, dy, dx);
      using V = Vec<lanes>;
      const V scale = at<lanes>(a.scale + k).v, shift = at<lanes>(a.shift + k).v, zero{};
      const V low = activation_floor(g) + zero;
      V best = at<lanes>(x + k).v * scale + shift;
      for (Index p = 0; p < pool; ++p)
        for (Index q = 0; q < pool; ++q) {
          const V value = at<lanes>(x + p * pitch + q * c + k).v * scale + shift;
          best = value > best ? value : best;
        }
      const V slope = at<lanes>(d.slope + k).v, base = at<lanes>(d.base + k).v, mean = at<lanes>(a.mean + k).v;
      const V g_out = at<lanes>(dy + k).v;
      V left_over = best > low ? scale * g_out : zero;  // the first input that equals the maximum takes all of it
      for (Index p = 0; p < pool; ++p)
        for (Index q = 0; q < pool; ++q) {
          const Index i = p * pitch + q * c + k;
          const V here = at<lanes>(x + i).v;
          V taken = left_over;
          if (pool > 1) taken = here * scale + shift == best ? left_over : zero;
          left_over -= taken;
          at<lanes>(dx + i).v = slope * (here - mean) + base + taken;
        }
    });
  const Index left = g.w - out_w * pool;
  for (Index p = 0; p < (left > 0 ? pool : 0); ++p) norm_dx_rest<Lanes>(a, d, left, x + p * pitch, dx + p * pitch);
}

template <int Lanes, int Pool>
SSEG_INLINE inline void norm_dx_windows(const NormReluPoolBackward<float>& a, const NormGradient& d, Index image,
                                        Range rows, float* dx) {
  const NormGeometry& g = a.g;
  const Index pool = pool_of<Pool>(g), pitch = g.w * g.c, end = std::min(rows.end, g.out_h() * pool);
  const float* x = a.x + image * g.h * pitch;
  const float* dy = a.dy + image * g.out_h() * g.out_w() * g.c;
  Index row = rows.begin;
  for (; row < end; row += pool, dx += pool * pitch)
    norm_dx_row<Lanes, Pool>(a, d, x + row * pitch, dy + row / pool * g.out_w() * g.c, dx);
  if (row < rows.end) norm_dx_rest<Lanes>(a, d, (rows.end - row) * g.w, x + row * pitch, dx);
}

/// dx of rows `rows` of one image, which begin at a window's edge and end at one or with the image; dx begins with
/// them.
template <int Lanes>
void norm_dx_rows(const NormReluPoolBackward<float>& a, const NormGradient& d, Index image, Range rows, float* dx) {
  choose_pool(a.g.pool, [&](auto pool) {
    Isa<Lanes>::call([&]() SSEG_INLINE { norm_dx_windows<Lanes, pool>(a, d, image, rows, dx); });
  });
}

template <int Lanes>
void norm_dx(Threads& threads, const NormReluPoolBackward<float>& a, const NormGradient& d) {
  const NormGeometry& g = a.g;
  const Index steps = std::max<Index>(g.out_h(), 1), items = g.n * steps, pieces = pieces_for(items, g.in_count());
  threads.run(pieces, [&](Index piece) {
    const Range units = part_of(items, pieces, piece);
    for (Index unit = units.begin; unit < units.end; ++unit) {
      const Index image = unit / steps, i = unit % steps;
      const Range rows{i * g.pool, i + 1 < steps ? (i + 1) * g.pool : g.h};
      norm_dx_rows<Lanes>(a, d, image, rows, a.dx + (image * g.h + rows.begin) * g.w * g.c);
    }
  });
}

constexpr PartialSums norm_partial_sums(const NormGeometry& g) { return {g.n * g.out_h(), g.in_count(), 2 * g.c}; }

constexpr PartialSums norm_output_sums(const NormGeometry& g) {
  return {g.n * g.out_h() * g.out_w(), g.out_count(), 2 * g.c};
}

/// Doubles of workspace.
constexpr Index norm_backward_space(const NormGeometry& g) {
  return std::max(norm_partial_sums(g).space(), norm_output_sums(g).space()) + g.c;
}

template <int Lanes, int Pool>
void norm_input_sums(Threads& threads, const NormReluPoolBackward<float>& a, double* space) {
  const Index step = std::max<Index>(1, rows_per_block / std::max<Index>(1, a.g.out_w()));
  norm_partial_sums(a.g).run<Lanes>(threads, step, space, [&](Range rows, float* part) SSEG_INLINE {
    norm_sums_of_rows<Lanes, Pool>(a, rows, part);
  });
}

/// The first of the two passes: dgamma, dbeta, and from the same sums what dx needs, which lies in `space`.
template <int Lanes>
NormGradient norm_backward_sums(Threads& threads, const NormReluPoolBackward<float>& a, double* space) {
  const NormGeometry& g = a.g;
  float* slope = reinterpret_cast<float*>(space + norm_backward_space(g) - g.c);
  float* base = slope + g.c;
  float* beta = slope;  // until the slopes are known
  const bool from_outputs = sums_from_outputs(a, beta);
  if (from_outputs)
    norm_output_sums(g).run<Lanes>(threads, rows_per_block, space, [&](Range rows, float* part) SSEG_INLINE {
      over_rows(rows, g.c, [&]<int together>(Index r) SSEG_INLINE {
        norm_sums_of_outputs<Lanes, together>(a.y + r * g.c, a.dy + r * g.c, g.c, beta, part, part + g.c);
      });
    });
  else if (g.pool == 1)
    norm_input_sums<Lanes, 1>(threads, a, space);
  else  // seldom: no code for windows of 2×2 alone
    norm_input_sums<Lanes, 0>(threads, a, space);
  const double count = static_cast<double>(g.n * g.h * g.w);
  for (Index c = 0; c < g.c; ++c) {
    const double inv_std = static_cast<double>(a.inv_std[c]), scale = static_cast<double>(a.scale[c]);
    const double sum_e = space[c], sum_exhat = space[g.c + c] * inv_std / (from_outputs ? scale : 1);
    a.dgamma[c] += static_cast<float>(sum_exhat);
    a.dbeta[c] += static_cast<float>(sum_e);
    slope[c] = a.batch_statistics ? static_cast<float>(-scale * inv_std * sum_exhat / count) : 0.f;
    base[c] = a.batch_statistics ? static_cast<float>(-scale * sum_e / count) : 0.f;
  }
  return {slope, base};
}

/// The second of the two passes, by sums from elsewhere. `space`: 2·c floats.
template <int Lanes>
void norm_backward_data(Threads& threads, const NormReluPoolBackwardData<float>& a, float* space) {
  const NormGradient d{space, space + a.g.c};
  for (Index c = 0; c < a.g.c; ++c) {
    const double each = static_cast<double>(a.scale[c]) / static_cast<double>(a.rows);
    space[c] = static_cast<float>(-each * static_cast<double>(a.inv_std[c]) * static_cast<double>(a.sum_exhat[c]));
    space[a.g.c + c] = static_cast<float>(-each * static_cast<double>(a.sum_e[c]));
  }
  norm_dx<Lanes>(
      threads,
      NormReluPoolBackward<float>{a.g, a.x, a.mean, a.inv_std, a.scale, a.shift, a.dy, a.dx, nullptr, nullptr, true},
      d);
}

template <int Lanes>
void norm_backward(Threads& threads, const NormReluPoolBackward<float>& a, double* space) {
  const NormGradient d = norm_backward_sums<Lanes>(threads, a, space);
  if (a.dx) norm_dx<Lanes>(threads, a, d);
}

}  // namespace sseg::cpu

#pragma once
#include <algorithm>

#include "sseg/backend/cpu/pieces.hpp"
#include "sseg/backend/cpu/simd.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

/// Columns in groups of two vectors, then one: f(Constant<lanes>, Constant<vectors>, first).
template <int Lanes, class F>
SSEG_INLINE inline void over_column_groups(Index cols, F&& f) {
  Index first = 0;
  for (; first + 2 * Lanes <= cols; first += 2 * Lanes) f(Constant<Lanes>{}, Constant<2>{}, first);
  over_lanes<Lanes>(
      cols, [&](auto lanes, Index c) SSEG_INLINE { f(lanes, Constant<1>{}, c); }, first);
}

/// total[c] += the float sums of one block of rows.
template <int Lanes>
SSEG_INLINE inline void add_to_doubles(const Vec<Lanes>& sum, double* total) {
  float lane[Lanes];
  at<Lanes>(lane) = sum;
  for (int i = 0; i < Lanes; ++i) total[i] += static_cast<double>(lane[i]);
}

/// Rows summed in float before they go into doubles.
inline constexpr Index rows_per_block = 64;

/// sum[c] += Σ (x[r,c] − shift[c]) and squares[c] += Σ (x[r,c] − shift[c])² over a block of rows.
template <int Lanes, int Vectors>
void moments_block(const float* x, Index cols, Index rows, const float* shift, double* sum, double* squares) {
  Vec<Lanes> s[Vectors]{}, q[Vectors]{}, base[Vectors];
  unroll<Vectors>([&](auto v) SSEG_INLINE { base[v] = at<Lanes>(shift + v * Lanes); });
  for (Index r = 0; r < rows; ++r, x += cols)
    unroll<Vectors>([&](auto v) SSEG_INLINE {
      const Vec<Lanes> d = at<Lanes>(x + v * Lanes) - base[v];
      s[v] += d;
      q[v] += d * d;
    });
  unroll<Vectors>([&](auto v) SSEG_INLINE {
    add_to_doubles<Lanes>(s[v], sum + v * Lanes);
    add_to_doubles<Lanes>(q[v], squares + v * Lanes);
  });
}

template <int Lanes, int Vectors>
void sum_block(const float* x, Index cols, Index rows, double* sum) {
  Vec<Lanes> s[Vectors]{};
  for (Index r = 0; r < rows; ++r, x += cols)
    unroll<Vectors>([&](auto v) SSEG_INLINE { s[v] += at<Lanes>(x + v * Lanes); });
  unroll<Vectors>([&](auto v) SSEG_INLINE { add_to_doubles<Lanes>(s[v], sum + v * Lanes); });
}

/// Doubles that `column_sums` needs for `sums` sums per column.
constexpr Index column_space(Index rows, Index cols, Index sums) { return pieces_for(rows, rows * cols) * cols * sums; }

/// Cuts rows into pieces with `sums`·cols doubles each, calls block(first row, rows, doubles) over blocks of a piece
/// and leaves the total, added in the order of the pieces, in the first piece's doubles.
template <class Block>
void column_sums(Threads& threads, Index rows, Index cols, Index sums, double* space, Block&& block) {
  const Index pieces = pieces_for(rows, rows * cols), width = cols * sums;
  threads.run(pieces, [&](Index piece) {
    double* mine = space + piece * width;
    std::fill_n(mine, width, 0.0);
    const Range r = part_of(rows, pieces, piece);
    for (Index row = r.begin; row < r.end; row += rows_per_block)
      block(row, std::min(rows_per_block, r.end - row), mine);
  });
  for (Index piece = 1; piece < pieces; ++piece)
    for (Index i = 0; i < width; ++i) space[i] += space[piece * width + i];
}

/// Sums shifted by the first row: var = E[d²] − E[d]² with d = x − x[0], which loses few digits for any mean.
template <int Lanes>
void column_moments(Threads& threads, const ColumnMoments<float>& a, double* space) {
  column_sums(threads, a.rows, a.cols, 2, space, [&](Index row, Index rows, double* sums) {
    over_column_groups<Lanes>(a.cols, [&](auto lanes, auto vectors, Index c) SSEG_INLINE {
      moments_block<lanes, vectors>(a.x + row * a.cols + c, a.cols, rows, a.x + c, sums + c, sums + a.cols + c);
    });
  });
  for (Index c = 0; c < a.cols; ++c) {
    const double n = static_cast<double>(a.rows), d = space[c] / n;
    a.mean[c] = static_cast<float>(static_cast<double>(a.x[c]) + d);
    a.var[c] = static_cast<float>(std::max(0.0, space[a.cols + c] / n - d * d));
  }
}

template <int Lanes>
void sum_rows(Threads& threads, const SumRows<float>& a, double* space) {
  column_sums(threads, a.rows, a.cols, 1, space, [&](Index row, Index rows, double* sums) {
    over_column_groups<Lanes>(a.cols, [&](auto lanes, auto vectors, Index c) SSEG_INLINE {
      sum_block<lanes, vectors>(a.x + row * a.cols + c, a.cols, rows, sums + c);
    });
  });
  for (Index c = 0; c < a.cols; ++c) a.out[c] += static_cast<float>(space[c]);
}

}  // namespace sseg::cpu

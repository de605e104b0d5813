#pragma once
#include <algorithm>

#include "sseg/backend/cpu/pieces.hpp"
#include "sseg/backend/cpu/simd.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

/// Rows summed in float before they go into doubles, and rows taken together, so that the float sums, which lie in the
/// L1 and not in registers (any number of columns in one sweep over memory), are loaded and stored less often.
inline constexpr Index rows_per_block = 64;
inline constexpr int rows_together = 4;

/// total[i] += part[i];  part[i] = 0.
SSEG_INLINE inline void flush_to_doubles(float* part, Index count, double* total) {
  for (Index i = 0; i < count; ++i) {
    total[i] += static_cast<double>(part[i]);
    part[i] = 0;
  }
}

/// sum[c] += Σ (x[r,c] − shift[c]) and squares[c] += Σ (x[r,c] − shift[c])² over `Rows` rows.
template <int Lanes, int Rows>
SSEG_INLINE inline void moments_of_rows(const float* x, Index cols, const float* shift, float* sum, float* squares) {
  over_lanes<Lanes>(cols, [&]<int lanes>(Index c) SSEG_INLINE {
    const Vec<lanes> base = at<lanes>(shift + c).v;
    Vec<lanes> s = at<lanes>(sum + c).v, q = at<lanes>(squares + c).v;
    SSEG_UNROLL
    for (int r = 0; r < Rows; ++r) {
      const Vec<lanes> d = at<lanes>(x + r * cols + c).v - base;
      s += d;
      q += d * d;
    }
    at<lanes>(sum + c).v = s;
    at<lanes>(squares + c).v = q;
  });
}

template <int Lanes, int Rows>
SSEG_INLINE inline void sum_of_rows(const float* x, Index cols, float* sum) {
  over_lanes<Lanes>(cols, [&]<int lanes>(Index c) SSEG_INLINE {
    Vec<lanes> s = at<lanes>(sum + c).v;
    SSEG_UNROLL
    for (int r = 0; r < Rows; ++r) s += at<lanes>(x + r * cols + c).v;
    at<lanes>(sum + c).v = s;
  });
}

/// f.operator()<rows_together>(r) over a block of rows, then f.operator()<1>(r) for the rest. Long rows go one by one:
/// the caches foresee one stream better than four.
template <class F>
SSEG_INLINE inline void over_rows(Range rows, Index cols, F&& f) {
  Index r = rows.begin;
  if (cols <= 64)
    for (; r + rows_together <= rows.end; r += rows_together) f.template operator()<rows_together>(r);
  for (; r < rows.end; ++r) f.template operator()<1>(r);
}

/// `width` sums in double per piece, added in the order of the pieces: results do not depend on the team.
class PartialSums {
 public:
  constexpr PartialSums(Index items, Index floats, Index width)
      : items_(items), pieces_(pieces_for(items, floats)), width_(width), stride_(width + (width + 1) / 2) {}

  /// Doubles of workspace.
  constexpr Index space() const { return pieces_ * stride_; }

  /// block(range, float sums to add to), SSEG_INLINE, over blocks of `step` items; leaves the total in the first
  /// doubles of `space`. Starts with the last items: those the operation before has just written and the caches still
  /// hold; the pass that follows then finds the first ones there.
  template <int Lanes, class Block>
  void run(Threads& threads, Index step, double* space, Block&& block) const {
    threads.run(pieces_, [&](Index from_last) {
      const Index piece = pieces_ - 1 - from_last;
      double* total = space + piece * stride_;
      float* part = reinterpret_cast<float*>(total + width_);
      std::fill_n(total, width_, 0.0);
      std::fill_n(part, width_, 0.f);
      const Range mine = part_of(items_, pieces_, piece);
      Isa<Lanes>::call([&]() SSEG_INLINE {
        for (Index i = mine.begin; i < mine.end; i += step) {
          block(Range{i, std::min(i + step, mine.end)}, part);
          flush_to_doubles(part, width_, total);
        }
      });
    });
    for (Index piece = 1; piece < pieces_; ++piece)
      for (Index i = 0; i < width_; ++i) space[i] += space[piece * stride_ + i];
  }

 private:
  Index items_, pieces_, width_, stride_;
};

constexpr PartialSums column_sums(Index rows, Index cols, Index sums) { return {rows, rows * cols, cols * sums}; }

/// Sums shifted by the first row: var = E[d²] − E[d]² with d = x − x[0], which loses few digits for any mean.
template <int Lanes>
void column_moments(Threads& threads, const ColumnMoments<float>& a, double* space) {
  column_sums(a.rows, a.cols, 2).run<Lanes>(threads, rows_per_block, space, [&](Range rows, float* sums) SSEG_INLINE {
    over_rows(rows, a.cols, [&]<int together>(Index r) SSEG_INLINE {
      moments_of_rows<Lanes, together>(a.x + r * a.cols, a.cols, a.x, sums, sums + a.cols);
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
  column_sums(a.rows, a.cols, 1).run<Lanes>(threads, rows_per_block, space, [&](Range rows, float* sums) SSEG_INLINE {
    over_rows(rows, a.cols,
              [&]<int together>(Index r) SSEG_INLINE { sum_of_rows<Lanes, together>(a.x + r * a.cols, a.cols, sums); });
  });
  for (Index c = 0; c < a.cols; ++c) a.out[c] += static_cast<float>(space[c]);
}

}  // namespace sseg::cpu

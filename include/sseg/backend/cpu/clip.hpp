#pragma once
#include <cmath>

#include "sseg/backend/cpu/elementwise.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cpu {

/// Σ x[i]² over `range` in double, in eight sums side by side whatever the vectors' width.
inline double sum_of_squares(const float* x, Range range) {
  double sum[8]{};
  Index i = range.begin;
  for (; i + 8 <= range.end; i += 8)
    for (int k = 0; k < 8; ++k) {
      const double v = static_cast<double>(x[i + k]);
      sum[k] += v * v;
    }
  for (; i < range.end; ++i) sum[0] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

/// Doubles of workspace: one for each piece.
constexpr Index clip_space(Index count) { return pieces_for(count, count); }

template <int Lanes>
void clip_norm(Threads& threads, const ClipNorm<float>& a, double* space) {
  const Index pieces = clip_space(a.count);
  threads.run(pieces, [&](Index piece) { space[piece] = sum_of_squares(a.g, part_of(a.count, pieces, piece)); });
  double squares = 0;
  for (Index piece = 0; piece < pieces; ++piece) squares += space[piece];
  *a.norm = std::sqrt(squares);
  if (!(*a.norm > static_cast<double>(a.limit)) || !std::isfinite(*a.norm)) return;
  scale<Lanes>(threads, {a.count, static_cast<float>(static_cast<double>(a.limit) / *a.norm), a.g, a.g, false});
}

}  // namespace sseg::cpu

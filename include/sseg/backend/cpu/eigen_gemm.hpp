#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/backend/cpu/eigen.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// Tile of C and step in k: Eigen's packed copies of one product, at most side·depth floats each, stay below its limit
/// for the stack (128 KiB), so that it allocates nothing.
inline constexpr Index eigen_side = 96, eigen_depth = 256;

/// One tile of C, rows `i`, columns `j`, summed on the stack and then scaled: Eigen would copy a scaled vector operand.
/// A template (T = float) so that Eigen's kernels are compiled only where a product is used: half a second.
template <class T>
void eigen_gemm_tile(const Gemm<T>& a, Range i, Range j) {
  alignas(64) T space[eigen_side * eigen_side];
  auto sum = eigen_map(space, i.size(), j.size(), j.size());
  sum.setZero();
  for (Index p = 0; p < a.k; p += eigen_depth) {
    const Index depth = std::min(eigen_depth, a.k - p);
    const auto add = [&](const auto& left) {
      if (a.b_transposed)
        sum.noalias() += left * eigen_map(a.b + j.begin * a.k + p, j.size(), depth, a.k).transpose();
      else
        sum.noalias() += left * eigen_map(a.b + p * a.n + j.begin, depth, j.size(), a.n);
    };
    if (a.a_transposed)
      add(eigen_map(a.a + p * a.m + i.begin, depth, i.size(), a.m).transpose());
    else
      add(eigen_map(a.a + i.begin * a.k + p, i.size(), depth, a.k));
  }
  auto c = eigen_map(a.c + i.begin * a.n + j.begin, i.size(), j.size(), a.n);
  if (a.accumulate)
    c += a.alpha * sum;
  else
    c = a.alpha * sum;
}

/// The product by Eigen, for types and places that the Cpu's own kernel (gemm.hpp) does not serve.
template <class T>
void eigen_gemm(Threads& threads, const Gemm<T>& a) {
  if (a.m * a.n == 0) return;
  const Index down = ceil_div(a.m, eigen_side), across = ceil_div(a.n, eigen_side);
  threads.run(down * across, [&](Index piece) {
    eigen_gemm_tile(a, part_of(a.m, down, piece / across), part_of(a.n, across, piece % across));
  });
}

}  // namespace sseg::cpu

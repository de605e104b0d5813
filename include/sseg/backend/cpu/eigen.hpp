#pragma once
/// The only door to Eigen. Eigen's own threads stay off (it has some under OpenMP): the team cuts the work, and Eigen
/// must not start threads inside a piece.
#if !defined(EIGEN_CORE_H) && !defined(EIGEN_DONT_PARALLELIZE)
#define EIGEN_DONT_PARALLELIZE
#endif
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-variable"
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Wc99-extensions"
#else  // GCC 12 sees uninitialised values in its own AVX-512 intrinsics
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <Eigen/Core>
#pragma GCC diagnostic pop

#include "sseg/core/shape.hpp"

namespace sseg::cpu {

using EigenMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Row-major rows × cols floats at `p` whose rows begin `stride` floats apart; nothing is copied.
inline auto eigen_map(const float* p, Index rows, Index cols, Index stride) {
  return Eigen::Map<const EigenMatrix, Eigen::Unaligned, Eigen::OuterStride<>>(p, rows, cols,
                                                                               Eigen::OuterStride<>(stride));
}
inline auto eigen_map(float* p, Index rows, Index cols, Index stride) {
  return Eigen::Map<EigenMatrix, Eigen::Unaligned, Eigen::OuterStride<>>(p, rows, cols, Eigen::OuterStride<>(stride));
}

}  // namespace sseg::cpu

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

#include <type_traits>

#include "sseg/core/error.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// A view as an Eigen matrix over the same memory, for small linear algebra: (rows, cols) as it is, a vector as one
/// row, more axes with the outermost as rows. No copy. Throws: Error for a view without axes.
/// Requires: the viewed memory outlives the result.
template <class T>
auto as_eigen(View<T> view) {
  require(view.shape.rank >= 1, "a matrix needs at least one axis", "as_eigen", "give a view of rank 1 or more");
  using Scalar = std::remove_const_t<T>;
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Mapped = std::conditional_t<std::is_const_v<T>, const Matrix, Matrix>;
  const Index rows = view.shape.rank == 1 ? 1 : view.shape[0];
  return Eigen::Map<Mapped>(view.data, rows, rows == 0 ? 0 : view.shape.count() / rows);
}

}  // namespace sseg

namespace sseg::cpu {

template <class T>
using EigenMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Row-major rows × cols elements at `p` whose rows begin `stride` elements apart; nothing is copied.
template <class T>
auto eigen_map(const T* p, Index rows, Index cols, Index stride) {
  using Mapped = Eigen::Map<const EigenMatrix<T>, Eigen::Unaligned, Eigen::OuterStride<>>;
  return Mapped(p, rows, cols, Eigen::OuterStride<>(stride));
}
template <class T>
auto eigen_map(T* p, Index rows, Index cols, Index stride) {
  using Mapped = Eigen::Map<EigenMatrix<T>, Eigen::Unaligned, Eigen::OuterStride<>>;
  return Mapped(p, rows, cols, Eigen::OuterStride<>(stride));
}

}  // namespace sseg::cpu

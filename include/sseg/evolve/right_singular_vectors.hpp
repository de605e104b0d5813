#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/backend/cpu/eigenvalues.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

namespace detail {

/// The reduction H_{n−2}…H_0·G·H_0…H_{n−2} to tridiagonal form; reflection k stays in row k, `half` is vᵀv/2.
template <class T>
struct Tridiagonal {
  cpu::EigenVector<T> diagonal, beside, half;
};
template <class T>
Tridiagonal<T> tridiagonal(T* g, Index n) {
  Tridiagonal<T> t{cpu::EigenVector<T>(n), cpu::EigenVector<T>(n - 1), cpu::EigenVector<T>(n)};
  cpu::EigenVector<T> p(n);
  for (Index k = 0; k + 1 < n; ++k) {
    T* v = g + k * n;
    T squares{};
    for (Index j = k + 1; j < n; ++j) squares += v[j] * v[j];
    t.diagonal[k] = v[k];
    t.beside[k] = v[k + 1] > 0 ? -std::sqrt(squares) : std::sqrt(squares);
    t.half[k] = squares - t.beside[k] * v[k + 1];
    v[k + 1] -= t.beside[k];
    if (t.half[k] > 0) cpu::reflect_behind(g, n, k, t.half[k], p);
  }
  t.diagonal[n - 1] = g[n * n - 1];
  return t;
}

}  // namespace detail

/// The right singular vectors of A:(rows, cols) with the `count` largest singular values, one after the other, each of
/// norm 1, its largest element positive: the directions v in which ‖A·v‖ is largest. They are the eigenvectors of AᵀA:
/// Householder's reduction to tridiagonal form (Golub & Van Loan, section 8.3), Eigen's QR steps, the reflections
/// backwards. (Eigen's own SVDs take 9 and 24 seconds to compile, this half a second, and only where it is called.)
/// Throws: Error when more vectors are asked for than A has columns, or A holds numbers that are not finite.
template <class T>
std::vector<T> right_singular_vectors(View<const T> a, Index count) {
  const Index rows = a.shape[0], n = a.shape[1];
  require(a.shape.rank == 2 && count >= 0 && count <= n, "a matrix has no more singular vectors than columns",
          "right_singular_vectors", "ask for fewer");
  require(std::all_of(a.data, a.data + rows * n, [](T v) { return std::isfinite(v); }),
          "a matrix holds numbers that are not finite", "right_singular_vectors",
          "look for what made them: a learning rate too high, or a division by zero");
  if (count == 0) return {};
  std::vector<T> g(to_size(n * n), T{});
  for (Index r = 0; r < rows; ++r)
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j) g[to_size(i * n + j)] += a.data[r * n + i] * a.data[r * n + j];
  const detail::Tridiagonal<T> t = detail::tridiagonal(g.data(), n);
  Eigen::SelfAdjointEigenSolver<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>> solver;
  solver.computeFromTridiagonal(t.diagonal, t.beside, Eigen::ComputeEigenvectors);
  require(solver.info() == Eigen::Success, "Eigen found no eigenvalues", "right_singular_vectors",
          "give a matrix of moderate numbers");

  std::vector<T> out;
  for (Index c = 0; c < count; ++c) {
    cpu::EigenVector<T> y = solver.eigenvectors().col(n - 1 - c);  // eigenvalues ascend
    for (Index k = n - 2; k >= 0; --k) {
      if (!(t.half[k] > 0)) continue;
      const T* v = g.data() + k * n;
      T along{};
      for (Index j = k + 1; j < n; ++j) along += v[j] * y[j];
      for (Index j = k + 1; j < n; ++j) y[j] -= along / t.half[k] * v[j];
    }
    Index top = 0;
    for (Index j = 1; j < n; ++j)
      if (std::abs(y[j]) > std::abs(y[top]) * T(1 + 1e-6)) top = j;
    for (Index j = 0; j < n; ++j) out.push_back(y[top] < 0 ? -y[j] : y[j]);
  }
  return out;
}

}  // namespace sseg

#pragma once
/// The door to Eigen's eigenvalues, apart from eigen.hpp for those who need products only.
#include "sseg/backend/cpu/eigen.hpp"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <Eigen/Eigenvalues>
#pragma GCC diagnostic pop

#include <algorithm>
#include <cmath>

#include "sseg/core/error.hpp"

namespace sseg::cpu {

template <class T>
using EigenVector = Eigen::Matrix<T, Eigen::Dynamic, 1>;

/// a ← H·a·H with the reflection H = 1 − v·vᵀ/half of the rows and columns behind `k`; v stands in row k.
template <class T>
void reflect_behind(T* a, Index n, Index k, T half, EigenVector<T>& p) {
  const T* v = a + k * n;
  T along{};
  for (Index i = k + 1; i < n; ++i) {
    T sum{};
    for (Index j = k + 1; j < n; ++j) sum += a[i * n + j] * v[j];
    p[i] = sum / half;
    along += p[i] * v[i];
  }
  for (Index i = k + 1; i < n; ++i) p[i] -= along / (2 * half) * v[i];
  for (Index i = k + 1; i < n; ++i)
    for (Index j = k + 1; j < n; ++j) a[i * n + j] -= v[i] * p[j] + p[i] * v[j];
}

/// The eigenvalues, ascending, of the symmetric n×n matrix `a`, which is destroyed: Householder's reduction to
/// tridiagonal form (Golub & Van Loan, section 8.3), then Eigen's QR steps. The reduction is our own because Eigen's
/// takes three seconds to compile; a template, so that the rest is compiled only where it is called. Allocates three
/// vectors. Throws: Error for a matrix with numbers that are not finite.
template <class T>
void symmetric_eigenvalues(T* a, Index n, T* values) {
  if (n == 0) return;
  require(std::all_of(a, a + n * n, [](T v) { return std::isfinite(v); }), "a matrix holds numbers that are not finite",
          "symmetric_eigenvalues", "look for what made them: a learning rate too high, or a division by zero");
  EigenVector<T> diagonal(n), beside(n - 1), p(n);
  for (Index k = 0; k + 1 < n; ++k) {
    T* v = a + k * n;
    T squares{};
    for (Index j = k + 1; j < n; ++j) squares += v[j] * v[j];
    diagonal[k] = v[k];
    beside[k] = v[k + 1] > 0 ? -std::sqrt(squares) : std::sqrt(squares);
    const T half = squares - beside[k] * v[k + 1];  // vᵀv/2
    v[k + 1] -= beside[k];
    if (half > 0) reflect_behind(a, n, k, half, p);
  }
  diagonal[n - 1] = a[n * n - 1];
  Eigen::SelfAdjointEigenSolver<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>> solver;
  solver.computeFromTridiagonal(diagonal, beside, Eigen::EigenvaluesOnly);
  require(solver.info() == Eigen::Success, "Eigen found no eigenvalues", "symmetric_eigenvalues",
          "give a symmetric matrix of moderate numbers");
  std::copy_n(solver.eigenvalues().data(), n, values);
}

}  // namespace sseg::cpu

#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/evolve/right_singular_vectors.hpp"

namespace sseg {

namespace detail {

/// L of C + ridge·I = L·Lᵀ, row-major, for a covariance C.
template <class T>
std::vector<T> cholesky(View<const T> c, T ridge) {
  const Index n = c.shape[0];
  std::vector<T> l(c.data, c.data + n * n);
  for (Index j = 0; j < n; ++j)
    for (Index i = j; i < n; ++i) {
      T sum = l[to_size(i * n + j)] + (i == j ? ridge : T{});
      for (Index k = 0; k < j; ++k) sum -= l[to_size(i * n + k)] * l[to_size(j * n + k)];
      require(i != j || sum > 0, "this is no covariance", "steepest_filters",
              "give a symmetric matrix without negative "
              "eigenvalues");
      l[to_size(i * n + j)] = i == j ? std::sqrt(sum) : sum / l[to_size(j * n + j)];
    }
  return l;
}

}  // namespace detail

/// The filters w for which ‖A·w‖ is largest among those whose output has variance 1, wᵀ(C + εI)·w = 1: with
/// C + εI = L·Lᵀ they are w = L⁻ᵀ·v, v the right singular vectors of A·L⁻ᵀ. ε is a thousandth of C's mean diagonal, so
/// that directions which the data hardly have are left alone. One filter after the other, each brought to norm √2, that
/// of an He draw.   A:(rows, n)  C:(n, n).
/// Throws: Error when more filters are asked for than n, or C is no covariance.
template <class T>
std::vector<T> steepest_filters(View<const T> a, View<const T> c, Index count) {
  const Index rows = a.shape[0], n = a.shape[1];
  T trace{};
  for (Index i = 0; i < n; ++i) trace += c.data[i * n + i];
  const std::vector<T> l = detail::cholesky(c, trace > 0 ? T(1e-3) * trace / static_cast<T>(n) : T{1});
  std::vector<T> scaled(a.data, a.data + rows * n);
  for (Index r = 0; r < rows; ++r) {  // every row y of A·L⁻ᵀ solves L·y = row of A
    T* y = scaled.data() + r * n;
    for (Index i = 0; i < n; ++i) {
      for (Index k = 0; k < i; ++k) y[i] -= l[to_size(i * n + k)] * y[k];
      y[i] /= l[to_size(i * n + i)];
    }
  }
  std::vector<T> filters = right_singular_vectors(View<const T>{scaled.data(), {rows, n}}, count);
  for (Index f = 0; f < count; ++f) {  // Lᵀ·w = v
    T* w = filters.data() + f * n;
    T squares{};
    for (Index i = n - 1; i >= 0; --i) {
      for (Index k = i + 1; k < n; ++k) w[i] -= l[to_size(k * n + i)] * w[k];
      w[i] /= l[to_size(i * n + i)];
      squares += w[i] * w[i];
    }
    for (Index i = 0; i < n; ++i) w[i] *= std::sqrt(T{2} / squares);
  }
  return filters;
}

}  // namespace sseg

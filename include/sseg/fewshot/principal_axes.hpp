#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/fewshot/features.hpp"

namespace sseg {

/// Rows of features on their axes of most variance.
struct PrincipalAxes {
  Index axes = 0;
  std::vector<double> place{};     ///< (rows, axes), centred
  std::vector<double> variance{};  ///< along each axis, largest first, of rows − 1 degrees of freedom
  double total = 0;                ///< variance along all directions

  double at(Index row, Index axis) const { return place[to_size(row * axes + axis)]; }
  /// Share of the variance that an axis shows.
  double share(Index axis) const { return total > 0 ? variance[to_size(axis)] / total : 0; }
};

namespace detail {

/// A centred matrix of doubles, (rows, dim).
struct CentredRows {
  Index rows, dim;
  std::vector<double> value;

  explicit CentredRows(const Features& f) : rows(f.size()), dim(f.dim), value(to_size(rows * dim)) {
    for (Index d = 0; d < dim; ++d) {
      double mean = 0;
      for (Index r = 0; r < rows; ++r) mean += static_cast<double>(f.rows[r * dim + d]) / static_cast<double>(rows);
      for (Index r = 0; r < rows; ++r) value[to_size(r * dim + d)] = static_cast<double>(f.rows[r * dim + d]) - mean;
    }
  }
  /// X·v, a number a row.
  std::vector<double> times(const std::vector<double>& v) const {
    std::vector<double> out(to_size(rows), 0.);
    for (Index r = 0; r < rows; ++r)
      for (Index d = 0; d < dim; ++d) out[to_size(r)] += value[to_size(r * dim + d)] * v[to_size(d)];
    return out;
  }
  /// Xᵀ·u.
  std::vector<double> transposed_times(const std::vector<double>& u) const {
    std::vector<double> out(to_size(dim), 0.);
    for (Index r = 0; r < rows; ++r)
      for (Index d = 0; d < dim; ++d) out[to_size(d)] += value[to_size(r * dim + d)] * u[to_size(r)];
    return out;
  }
};

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Takes what lies along `found` out of v and makes it of length 1. False when nothing is left.
inline bool orthonormal(std::vector<double>& v, const std::vector<std::vector<double>>& found, double least) {
  for (int twice = 0; twice < 2; ++twice)
    for (const auto& f : found) {
      const double along = dot(v, f);
      for (std::size_t d = 0; d < v.size(); ++d) v[d] -= along * f[d];
    }
  const double length = std::sqrt(dot(v, v));
  if (!(length > least)) return false;
  for (double& x : v) x /= length;
  return true;
}

/// The next eigenvector of XᵀX by power iteration; all 0 where no variance is left. Its entry of largest magnitude is
/// positive.
inline std::vector<double> next_axis(const CentredRows& x, const std::vector<std::vector<double>>& found,
                                     double least) {
  std::vector<double> v(to_size(x.dim));
  Rng rng = Rng(0x9ca).split(found.size());
  for (double& one : v) one = static_cast<double>(rng.uniform()) - 0.5;
  std::vector<double> none(v.size(), 0.);
  if (!orthonormal(v, found, 0)) return none;
  for (int turn = 0; turn < 1000; ++turn) {
    std::vector<double> next = x.transposed_times(x.times(v));
    if (!orthonormal(next, found, least)) return none;
    const double cosine = dot(v, next);
    v = std::move(next);
    if (1 - cosine < 1e-14) break;
  }
  const auto largest =
      std::max_element(v.begin(), v.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  if (*largest < 0)
    for (double& one : v) one = -one;
  return v;
}

}  // namespace detail

/// The rows of `features` on their first `axes` principal axes, by power iteration in double; the same on every run.
/// Axes beyond the rank are 0. Requires: finite features. Throws: Error without rows, or for no axes.
inline PrincipalAxes principal_axes(const Features& features, Index axes = 2) {
  require(features.size() > 0 && axes > 0, "there is nothing to find axes of", "principal_axes",
          "give rows of features, and one axis or more");
  const detail::CentredRows x(features);
  const double freedom = static_cast<double>(std::max<Index>(1, x.rows - 1));
  PrincipalAxes out{.axes = axes, .place = std::vector<double>(to_size(x.rows * axes))};
  out.total = detail::dot(x.value, x.value) / freedom;
  std::vector<std::vector<double>> found;
  for (Index a = 0; a < axes; ++a) {
    found.push_back(detail::next_axis(x, found, 1e-12 * out.total));
    const std::vector<double> along = x.times(found.back());
    out.variance.push_back(detail::dot(along, along) / freedom);
    for (Index r = 0; r < x.rows; ++r) out.place[to_size(r * axes + a)] = along[to_size(r)];
  }
  return out;
}

}  // namespace sseg

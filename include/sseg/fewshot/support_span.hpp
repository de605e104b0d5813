#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/core/view.hpp"
#include "sseg/fewshot/prototypes.hpp"

namespace sseg {

/// An orthonormal basis of the span of n rows of D values, by Gram–Schmidt done twice, which is enough (Giraud et al.
/// 2005). What is learned from a few images by gradients from weights in their span stays in it, so a classifier may be
/// trained in min(n, D) coordinates instead of D, and is the same.
class SupportSpan {
 public:
  /// Rows that stand out of the span of those before by less than `tolerance` of their length are taken to lie in it.
  explicit SupportSpan(View<const float> rows, double tolerance = 1e-5) : dim_(rows.shape[1]) {
    std::vector<double> v(to_size(dim_));
    for (Index r = 0; r < rows.shape[0] && rank_ < dim_; ++r) {
      std::copy_n(rows.data + r * dim_, dim_, v.begin());
      const double before = length(v);
      for (int pass = 0; pass < 2; ++pass) subtract_projections(v);
      const double left = length(v);
      if (!(left > tolerance * before)) continue;
      for (const double x : v) basis_.push_back(x / left);
      ++rank_;
    }
  }

  Index rank() const { return rank_; }

  /// The rows' parts in the span: (N, rank).
  std::vector<double> coordinates(View<const float> rows) const {
    std::vector<double> out, row(to_size(dim_));
    out.reserve(to_size(rows.shape[0] * rank_));
    for (Index r = 0; r < rows.shape[0]; ++r) {
      std::copy_n(rows.data + r * dim_, dim_, row.begin());
      for (Index b = 0; b < rank_; ++b) out.push_back(detail::dot(row.data(), basis(b), dim_));
    }
    return out;
  }

 private:
  const double* basis(Index b) const { return basis_.data() + b * dim_; }
  double length(const std::vector<double>& v) const { return std::sqrt(detail::dot(v.data(), v.data(), dim_)); }
  void subtract_projections(std::vector<double>& v) const {
    for (Index b = 0; b < rank_; ++b) {
      const double along = detail::dot(v.data(), basis(b), dim_);
      for (Index d = 0; d < dim_; ++d) v[to_size(d)] -= along * basis(b)[d];
    }
  }

  Index dim_, rank_ = 0;
  std::vector<double> basis_;  // (rank, D)
};

}  // namespace sseg

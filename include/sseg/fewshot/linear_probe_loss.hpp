#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "sseg/core/shape.hpp"

namespace sseg {

/// The loss of multinomial logistic regression,
///   f(W, b) = Σ_i −log softmax(W·x_i + b)[label_i] + penalty/2·‖W‖²,   x:(n, dim)  W:(way, dim)  b:(way),
/// which scikit-learn's LogisticRegression minimises for C = 1/penalty. The bias has no penalty.
struct LinearProbeLoss {
  std::span<const double> x;
  std::span<const Index> label;
  Index way = 0, dim = 0;
  double penalty = 1;

  Index size() const { return way * dim + way; }  ///< of W, then b

  /// f at `w`; the gradient is overwritten.
  double operator()(std::span<const double> w, std::span<double> gradient) const {
    const std::size_t weights = to_size(way * dim);
    double value = 0;
    for (std::size_t i = 0; i < weights; ++i) {
      value += penalty / 2 * w[i] * w[i];
      gradient[i] = penalty * w[i];
    }
    std::fill(gradient.begin() + way * dim, gradient.end(), 0.0);
    std::vector<double> logit(to_size(way));
    for (std::size_t i = 0; i < label.size(); ++i) {
      const double* const row = x.data() + static_cast<Index>(i) * dim;
      logits(w, row, logit);
      const double top = *std::max_element(logit.begin(), logit.end());
      double sum = 0;
      for (const double z : logit) sum += std::exp(z - top);
      value += top + std::log(sum) - logit[to_size(label[i])];
      for (Index k = 0; k < way; ++k) {
        const double slope = std::exp(logit[to_size(k)] - top) / sum - (k == label[i] ? 1 : 0);
        for (Index d = 0; d < dim; ++d) gradient[to_size(k * dim + d)] += slope * row[d];
        gradient[weights + to_size(k)] += slope;
      }
    }
    return value;
  }

  /// W·row + b.
  void logits(std::span<const double> w, const double* row, std::span<double> out) const {
    for (Index k = 0; k < way; ++k) {
      double z = w[to_size(way * dim + k)];
      for (Index d = 0; d < dim; ++d) z += w[to_size(k * dim + d)] * row[d];
      out[to_size(k)] = z;
    }
  }
};

}  // namespace sseg

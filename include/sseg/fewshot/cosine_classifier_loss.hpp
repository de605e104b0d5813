#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "sseg/core/shape.hpp"

namespace sseg {

/// The loss of a classifier by scaled cosines,
///   f(W) = 1/n·Σ_i −log softmax_k(scale·w_k·x_i/‖w_k‖)[label_i],   x:(n, dim)  W:(way, dim),
/// x being unit rows, or their coordinates in a space that holds W. A w_k of length 0 gives 0, and gets no gradient.
struct CosineClassifierLoss {
  std::span<const double> x;
  std::span<const Index> label;
  Index way = 0, dim = 0;
  double scale = 10;

  Index size() const { return way * dim; }

  /// f at `w`; the gradient is overwritten.
  double operator()(std::span<const double> w, std::span<double> gradient) const {
    std::fill(gradient.begin(), gradient.end(), 0.0);
    const std::vector<double> length = lengths(w);
    std::vector<double> logit(to_size(way));
    const double share = 1 / static_cast<double>(label.size());
    double value = 0;
    for (std::size_t i = 0; i < label.size(); ++i) {
      const double* const row = x.data() + static_cast<Index>(i) * dim;
      logits(w, length, row, logit);
      const double top = *std::max_element(logit.begin(), logit.end());
      double sum = 0;
      for (const double z : logit) sum += std::exp(z - top);
      value += share * (top + std::log(sum) - logit[to_size(label[i])]);
      for (Index k = 0; k < way; ++k) {
        const double norm = length[to_size(k)], cosine = logit[to_size(k)] / scale;
        if (!(norm > 0)) continue;
        const double slope = share * scale * (std::exp(logit[to_size(k)] - top) / sum - (k == label[i] ? 1 : 0));
        for (Index d = 0; d < dim; ++d)
          gradient[to_size(k * dim + d)] += slope * (row[d] - cosine * w[to_size(k * dim + d)] / norm) / norm;
      }
    }
    return value;
  }

  /// ‖w_k‖ of every class.
  std::vector<double> lengths(std::span<const double> w) const {
    std::vector<double> length(to_size(way));
    for (Index k = 0; k < way; ++k) {
      double square = 0;
      for (Index d = 0; d < dim; ++d) square += w[to_size(k * dim + d)] * w[to_size(k * dim + d)];
      length[to_size(k)] = std::sqrt(square);
    }
    return length;
  }
  /// scale·w_k·row/‖w_k‖ of every class.
  void logits(std::span<const double> w, std::span<const double> length, const double* row,
              std::span<double> out) const {
    for (Index k = 0; k < way; ++k) {
      double z = 0;
      for (Index d = 0; d < dim; ++d) z += w[to_size(k * dim + d)] * row[d];
      out[to_size(k)] = length[to_size(k)] > 0 ? scale * z / length[to_size(k)] : 0;
    }
  }
};

}  // namespace sseg

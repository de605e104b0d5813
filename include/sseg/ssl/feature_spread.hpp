#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/backend/cpu/eigenvalues.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// How features spread over their space: two numbers that tell a collapsed net from a healthy one.
struct FeatureSpread {
  double std = 0;             ///< 1: like an isotropic Gaussian; 0: all rows are the same
  double effective_rank = 0;  ///< dimensions in use, 1 to min(R − 1, D); 0 when all rows are the same
};

/// Measures a FeatureSpread. With u[r] = z[r]/‖z[r]‖ and c[r] = u[r] − mean(u):    z:(R, D)
///   std = √D · mean over d of √(mean over r of c[r,d]²)                 (Chen & He 2021, section 4.1)
///   effective_rank = exp(−Σ_k p_k·ln p_k),  p_k = σ_k/Σσ,  σ the singular values of c    (Roy & Vetterli 2007)
/// In double, by the calling thread; R·D·min(R, D) multiply-adds, and min(R, D)³ for the eigenvalues of cᵀc or c·cᵀ.
/// After the first call only Eigen allocates.
class SpreadMeter {
 public:
  /// Throws: Error with fewer than two rows, and for features that are not finite.
  template <class T>
  FeatureSpread operator()(View<const T> z) {
    require(z.shape.rank == 2 && z.shape[0] >= 2 && z.shape[1] >= 1, "a spread needs two rows of features or more",
            "SpreadMeter", "give features (R, D) of several images");
    rows_ = z.shape[0];
    cols_ = z.shape[1];
    normalize(z.data);
    const double std = centre();
    if (std < 1e-12) return {};  // rounding, in double
    return {std * std::sqrt(static_cast<double>(cols_)), effective_rank<double>()};
  }

 private:
  template <class T>
  void normalize(const T* z) {
    unit_.reserve_at_least(rows_ * cols_);
    double everything = 0;
    for (Index r = 0; r < rows_; ++r) {
      double* u = unit_.data() + r * cols_;
      double squares = 0;
      for (Index d = 0; d < cols_; ++d) {
        u[d] = static_cast<double>(z[r * cols_ + d]);
        squares += u[d] * u[d];
      }
      const double factor = squares > 0 ? 1 / std::sqrt(squares) : 0;
      for (Index d = 0; d < cols_; ++d) u[d] *= factor;
      everything += squares;
    }
    require(std::isfinite(everything), "the features are not finite", "SpreadMeter", "lower the learning rate");
  }

  /// Subtracts the mean row; returns the mean over columns of the standard deviation.
  double centre() {
    double sum = 0;
    const double n = static_cast<double>(rows_);
    for (Index d = 0; d < cols_; ++d) {
      double mean = 0, squares = 0;
      for (Index r = 0; r < rows_; ++r) mean += unit_[r * cols_ + d] / n;
      for (Index r = 0; r < rows_; ++r) {
        double& v = unit_[r * cols_ + d];
        v -= mean;
        squares += v * v / n;
      }
      sum += std::sqrt(squares);
    }
    return sum / static_cast<double>(cols_);
  }

  /// A template (T = double) so that Eigen's solver is compiled only where a spread is measured.
  template <class T>
  double effective_rank() {
    const Index n = std::min(rows_, cols_);
    products_.reserve_at_least(n * n);
    values_.reserve_at_least(n);
    if (rows_ <= cols_)
      products_of_rows();
    else
      products_of_columns();
    cpu::symmetric_eigenvalues<T>(products_.data(), n, values_.data());
    double sum = 0, entropy = 0;
    for (Index k = 0; k < n; ++k) sum += values_[k] = std::sqrt(std::max(values_[k], 0.0));
    for (Index k = 0; k < n; ++k)
      if (const double p = values_[k] / sum; p > 0) entropy -= p * std::log(p);
    return std::exp(entropy);
  }

  /// c·cᵀ:(R, R)
  void products_of_rows() {
    for (Index i = 0; i < rows_; ++i)
      for (Index j = 0; j <= i; ++j) {
        double sum = 0;
        for (Index d = 0; d < cols_; ++d) sum += unit_[i * cols_ + d] * unit_[j * cols_ + d];
        products_[i * rows_ + j] = products_[j * rows_ + i] = sum;
      }
  }
  /// cᵀ·c:(D, D)
  void products_of_columns() {
    std::fill_n(products_.data(), cols_ * cols_, 0.0);
    for (Index r = 0; r < rows_; ++r)
      for (Index i = 0; i < cols_; ++i) {
        const double v = unit_[r * cols_ + i];
        for (Index j = 0; j < cols_; ++j) products_[i * cols_ + j] += v * unit_[r * cols_ + j];
      }
  }

  Index rows_ = 0, cols_ = 0;
  Buffer<double> unit_, products_, values_;
};

}  // namespace sseg

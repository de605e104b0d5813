#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// How undecided a teacher is between its K prototypes, as shares of ln K. A healthy one is decided about each picture
/// (`each` well below 1) and makes use of all prototypes over a batch (`mean` near 1).
struct TeacherEntropy {
  double each = 0;  ///< mean over r of H(p[r]) / ln K;  1: uniform outputs
  double mean = 0;  ///< H(mean over r of p[r]) / ln K;  0: every picture gets the same prototype
};

/// Measures a TeacherEntropy, with H(p) = −Σ_k p_k·ln p_k.    p:(R, K), or logits l:(R, K) with p = softmax(l)
/// In double, by the calling thread. No allocation after the first call.
class EntropyMeter {
 public:
  /// Throws: Error with fewer than two prototypes, and for values that are not finite.
  template <class T>
  TeacherEntropy operator()(View<const T> teacher, bool logits) {
    require(teacher.shape.rank == 2 && teacher.shape[0] >= 1 && teacher.shape[1] >= 2,
            "a teacher's entropy needs two prototypes or more", "EntropyMeter", "give probabilities or logits (R, K)");
    const Index rows = teacher.shape[0], k = teacher.shape[1];
    p_.reserve_at_least(k);
    mean_.reserve_at_least(k);
    std::fill_n(mean_.data(), k, 0.0);
    double each = 0;
    for (Index r = 0; r < rows; ++r) {
      for (Index j = 0; j < k; ++j) p_[j] = static_cast<double>(teacher.data[r * k + j]);
      if (logits) softmax(k);
      each += entropy(p_.data(), k);
      for (Index j = 0; j < k; ++j) mean_[j] += p_[j] / static_cast<double>(rows);
    }
    const TeacherEntropy e{each / static_cast<double>(rows) / std::log(static_cast<double>(k)),
                           entropy(mean_.data(), k) / std::log(static_cast<double>(k))};
    require(std::isfinite(e.each) && std::isfinite(e.mean), "the teacher's outputs are not finite", "EntropyMeter",
            "lower the learning rate or raise the temperature");
    return e;
  }

 private:
  void softmax(Index k) {
    const double top = *std::max_element(p_.data(), p_.data() + k);
    double sum = 0;
    for (Index j = 0; j < k; ++j) sum += p_[j] = std::exp(p_[j] - top);
    for (Index j = 0; j < k; ++j) p_[j] /= sum;
  }
  /// 0·ln 0 = 0
  static double entropy(const double* p, Index k) {
    double h = 0;
    for (Index j = 0; j < k; ++j) h -= p[j] == 0 ? 0 : p[j] * std::log(p[j]);
    return h;
  }

  Buffer<double> p_, mean_;
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/backend/cpu/gemm.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/fewshot/features.hpp"
#include "sseg/fewshot/prototypes.hpp"

namespace sseg {

/// What few-shot classification may know of the training images, without their labels. A feature is a map of D/C places
/// with C channels each.
struct BaseStatistics {
  std::vector<float> mean{};       ///< (D): their mean feature; empty: unknown
  std::vector<float> whitening{};  ///< (C, C), row after row: W of `instance_whitening`; empty: unknown
  bool operator==(const BaseStatistics&) const = default;

  Index channels() const { return static_cast<Index>(std::llround(std::sqrt(static_cast<double>(whitening.size())))); }
  /// Throws: Error when the statistics, where known, are not those of features of `dim` values.
  void check(Index dim) const {
    const Index c = channels();
    require(mean.empty() || static_cast<Index>(mean.size()) == dim,
            "the mean of the training images belongs to features of another length", "BaseStatistics",
            "take the one that was computed with this net");
    require(whitening.empty() || (!mean.empty() && c * c == static_cast<Index>(whitening.size()) && dim % c == 0),
            "the whitening belongs to features of other channels, or lacks its mean", "BaseStatistics",
            "take the one that was computed with this net");
  }
};

/// Each row less the mean feature of the training images, then to unit length: CL2N (Wang et al. 2019).
/// Throws: Error when `base` has no mean for features of this length.
inline void centre_rows(const BaseStatistics& base, Features& f) {
  base.check(f.dim);
  require(!base.mean.empty(), "the mean of the training images is not known", "centre_rows", "compute it with the net");
  for (Index i = 0; i < f.size(); ++i) {
    float* row = f.rows.data() + i * f.dim;
    for (Index d = 0; d < f.dim; ++d) row[d] -= base.mean[to_size(d)];
    detail::scale_to_unit(row, f.dim);
  }
}

/// Each row less the mean, then W·x at each place of the map, then to unit length. The same bits for any number of
/// threads. A template so that the product is compiled only where it is called.
/// Throws: Error when `base` has no whitening for features of this length.
template <class T = float>
void whiten_rows(Threads& threads, const BaseStatistics& base, Features& f) {
  base.check(f.dim);
  require(!base.whitening.empty(), "there is no whitening", "whiten_rows", "compute it: instance_whitening");
  const Index c = base.channels(), block = 256;
  Buffer<T> centred(std::min(block, f.size()) * f.dim);
  for (Index begin = 0; begin < f.size(); begin += block) {
    const Index count = std::min(block, f.size() - begin);
    T* const rows = f.rows.data() + begin * f.dim;
    for (Index i = 0; i < count; ++i)
      for (Index d = 0; d < f.dim; ++d) centred[i * f.dim + d] = rows[i * f.dim + d] - base.mean[to_size(d)];
    cpu::gemm(threads, Gemm<T>{count * (f.dim / c), c, c, T{1}, centred.data(), false, base.whitening.data(), true,
                               rows, false});
    for (Index i = 0; i < count; ++i) detail::scale_to_unit(rows + i * f.dim, f.dim);
  }
}

}  // namespace sseg

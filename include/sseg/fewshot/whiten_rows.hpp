#pragma once
#include <algorithm>

#include "sseg/backend/cpu/eigen_gemm.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/fewshot/base_statistics.hpp"
#include "sseg/fewshot/features.hpp"
#include "sseg/fewshot/prototypes.hpp"

namespace sseg {

/// Each row less the mean feature of the training images, then to unit length, as CL2N does (Wang et al. 2019).
/// Throws: Error when `base` has no mean for features of this length.
inline void centre_rows(const BaseStatistics& base, Features& f) {
  base.check(f.dim);
  require(!base.mean.empty(), "the mean of the training images is not known", "centre_rows", "compute it with the net");
  for (Index i = 0; i < f.size(); ++i) detail::centre_row(f.rows.data() + i * f.dim, base.mean);
}

/// Each row less the mean, then W·x at each place of the map, then to unit length. The same bits for any number of
/// threads. A template so that the product is compiled only where it is called.
/// Throws: Error when `base` has no whitening for features of this length.
template <class T = float>
void whiten_rows(Threads& threads, const BaseStatistics& base, Features& f) {
  base.check(f.dim);
  require(!base.whitening.empty(), "there is no whitening", "whiten_rows", "compute it: within_class_whitening");
  const Index c = base.channels(), block = 256;
  Buffer<T> centred(std::min(block, f.size()) * f.dim);
  for (Index begin = 0; begin < f.size(); begin += block) {
    const Index count = std::min(block, f.size() - begin);
    T* const rows = f.rows.data() + begin * f.dim;
    for (Index i = 0; i < count; ++i)
      for (Index d = 0; d < f.dim; ++d) centred[i * f.dim + d] = rows[i * f.dim + d] - base.mean[to_size(d)];
    cpu::eigen_gemm(threads, Gemm<T>{count * (f.dim / c), c, c, T{1}, centred.data(), false, base.whitening.data(),
                                     true, rows, false});
    for (Index i = 0; i < count; ++i) detail::scale_to_unit(rows + i * f.dim, f.dim);
  }
}

}  // namespace sseg

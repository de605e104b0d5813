#pragma once
#include <algorithm>
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/error.hpp"
#include "sseg/ssl/row_blocks.hpp"

namespace sseg {

/// Normalised temperature-scaled cross-entropy (Chen et al. 2020, eq. 1), over the R = 2N rows of both views:
///   L = (1/R) Σ_i −log( exp(cos(z_i, z_p(i))/T) / Σ_{k≠i} exp(cos(z_i, z_k)/T) ).   z:(2N, D)
/// Scratch holds the similarities of up to `rows_at_once` rows with all, the unit rows, their gradient and the norms.
/// Throws: Error with fewer than two images a view: every row then has its positive only, and the loss is constant 0.
struct NtXent {
  static constexpr std::string_view name = "nt_xent";
  float temperature = 0.1f;
  bool operator==(const NtXent&) const = default;

  constexpr Index scratch(Shape z) const { return std::min(z[0], rows_at_once) * z[0] + 2 * z[0] * z[1] + z[0]; }

  template <class B>
  double operator()(B& backend, const LossArgs<typename B::Scalar>& a) const {
    using T = typename B::Scalar;
    const Index rows = a.z.shape[0], cols = a.z.shape[1];
    require(rows >= 4, "NT-Xent needs at least two images in a batch", "NtXent", "raise the batch size to 2 or more");
    T* const similarity = a.scratch.data();
    T* const unit = similarity + std::min(rows, rows_at_once) * rows;
    T* const d_unit = unit + rows * cols;
    T* const norm = d_unit + rows * cols;
    const T inverse = T{1} / static_cast<T>(temperature);
    double loss = 0;
    dispatch(backend, L2NormalizeForward<T>{rows, cols, T(1e-12), a.z.data, unit, norm});
    const bool several = rows > rows_at_once;
    if (several) dispatch(backend, Fill<T>{rows * cols, T{}, d_unit});
    each_row_block(rows, [&](Index first, Index n) {
      const T* const these = unit + first * cols;
      double part = 0;
      dispatch(backend, Gemm<T>{n, rows, cols, inverse, these, false, unit, true, similarity, false});
      dispatch(backend, OffDiagonalCrossEntropy<T>{n, rows, first, similarity, a.positive.data(), &part, a.sum});
      // s = u·uᵀ/T, so du = (ds + dsᵀ)·u/T
      dispatch(backend,
               Gemm<T>{n, cols, rows, inverse, similarity, false, unit, false, d_unit + first * cols, several});
      dispatch(backend, Gemm<T>{rows, cols, n, inverse, similarity, true, these, false, d_unit, true});
      loss += part;
    });
    dispatch(backend, L2NormalizeBackward<T>{rows, cols, unit, norm, d_unit, a.dz.data});
    return loss;
  }

  /// Values of scratch for `part`: similarities (r, R), unit rows (R, D), norms.
  constexpr Index part_scratch(Shape part, Shape all) const { return part[0] * all[0] + all.count() + all[0]; }

  /// The share of the part a.z:(r, D) of all:(R, D) rows in which it begins at row `first`: the terms i of the sum in
  /// it. Parts add up to the loss, and their `d_unit`:(R, D) to its gradient in the unit rows; `finish_part` goes on
  /// from that sum. a.positive is of all R rows.
  template <class B>
  double part(B& backend, const LossArgs<typename B::Scalar>& a, View<const typename B::Scalar> all, Index first,
              View<typename B::Scalar> d_unit) const {
    using T = typename B::Scalar;
    const Index rows = a.z.shape[0], total = all.shape[0], cols = all.shape[1];
    require(total >= 4, "NT-Xent needs at least two images in a batch", "NtXent", "raise the batch size to 2 or more");
    T* const similarity = a.scratch.data();
    T* const unit = similarity + rows * total;
    T* const own = unit + first * cols;
    const T inverse = T{1} / static_cast<T>(temperature);
    double loss = 0;
    dispatch(backend, L2NormalizeForward<T>{total, cols, T(1e-12), all.data, unit, unit + total * cols});
    dispatch(backend, Gemm<T>{rows, total, cols, inverse, own, false, unit, true, similarity, false});
    dispatch(backend, OffDiagonalCrossEntropy<T>{rows, total, first, similarity, a.positive.data(), &loss, a.sum});
    dispatch(backend, Gemm<T>{total, cols, rows, inverse, similarity, true, own, false, d_unit.data, false});
    dispatch(backend,
             Gemm<T>{rows, cols, total, inverse, similarity, false, unit, false, d_unit.data + first * cols, true});
    return loss;
  }
  /// a.dz from the sum of all parts' `d_unit`; a.scratch as `part` left it.
  template <class B>
  void finish_part(B& backend, const LossArgs<typename B::Scalar>& a, View<const typename B::Scalar> all, Index first,
                   View<typename B::Scalar> d_unit) const {
    using T = typename B::Scalar;
    const Index rows = a.z.shape[0], total = all.shape[0], cols = all.shape[1];
    const T* const unit = a.scratch.data() + rows * total;
    dispatch(backend, L2NormalizeBackward<T>{rows, cols, unit + first * cols, unit + total * cols + first,
                                             d_unit.data + first * cols, a.dz.data});
  }
};

}  // namespace sseg

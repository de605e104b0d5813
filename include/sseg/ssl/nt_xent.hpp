#pragma once
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// Normalised temperature-scaled cross-entropy (Chen et al. 2020, eq. 1), over the R = 2N rows of both views:
///   L = (1/R) Σ_i −log( exp(cos(z_i, z_p(i))/T) / Σ_{k≠i} exp(cos(z_i, z_k)/T) ).   z:(2N, D)
/// Scratch holds the R×R similarities, the unit rows, their gradient and the norms.
/// Throws: Error with fewer than two images a view: every row then has its positive only, and the loss is constant 0.
struct NtXent {
  static constexpr std::string_view name = "nt_xent";
  float temperature = 0.1f;
  bool operator==(const NtXent&) const = default;

  constexpr Index scratch(Shape z) const { return z[0] * z[0] + 2 * z[0] * z[1] + z[0]; }

  template <class B>
  double operator()(B& backend, const LossArgs<typename B::Scalar>& a) const {
    using T = typename B::Scalar;
    const Index rows = a.z.shape[0], cols = a.z.shape[1];
    require(rows >= 4, "NT-Xent needs at least two images in a batch", "NtXent", "raise the batch size to 2 or more");
    T* const similarity = a.scratch.data();
    T* const unit = similarity + rows * rows;
    T* const d_unit = unit + rows * cols;
    T* const norm = d_unit + rows * cols;
    const T inverse = T{1} / static_cast<T>(temperature);
    double loss = 0;
    dispatch(backend, L2NormalizeForward<T>{rows, cols, T(1e-12), a.z.data, unit, norm});
    dispatch(backend, Gemm<T>{rows, rows, cols, inverse, unit, false, unit, true, similarity, false});
    dispatch(backend, OffDiagonalCrossEntropy<T>{rows, similarity, a.positive.data(), &loss});
    // s = u·uᵀ/T, so du = (ds + dsᵀ)·u/T
    dispatch(backend, Gemm<T>{rows, cols, rows, inverse, similarity, false, unit, false, d_unit, false});
    dispatch(backend, Gemm<T>{rows, cols, rows, inverse, similarity, true, unit, false, d_unit, true});
    dispatch(backend, L2NormalizeBackward<T>{rows, cols, unit, norm, d_unit, a.dz.data});
    return loss;
  }
};

}  // namespace sseg

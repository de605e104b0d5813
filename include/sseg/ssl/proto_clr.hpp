#pragma once
#include <algorithm>
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/error.hpp"
#include "sseg/ssl/row_blocks.hpp"

namespace sseg {

/// ProtoCLR (Medina et al. 2020): every image is a class, its first view the prototype p, its other views the queries
/// q,
///   L = 1/((G−1)·N) Σ_q −log( exp(−‖q − p_q‖²/T) / Σ_k exp(−‖q − p_k‖²/T) ).   z:(G·N, D), view after view
/// Gradients reach queries and prototypes. Scratch holds the logits and targets of up to
/// `rows_at_once` queries, and a number for each prototype twice.
/// Throws: Error with fewer than two views or two images.
struct ProtoClr {
  static constexpr std::string_view name = "proto_clr";
  static constexpr Sees sees = Sees::global;
  float temperature = 1.f;
  bool operator==(const ProtoClr&) const = default;

  /// The number of images is not in z's shape: room for the worst case, two views.
  constexpr Index scratch(Shape z) const {
    return 2 * std::min(z[0] * z[0] / 4, rows_at_once * (z[0] / 2)) + 2 * (z[0] / 2);
  }

  template <class B>
  double operator()(B& backend, const LossArgs<typename B::Scalar>& a) const {
    using T = typename B::Scalar;
    const Index rows = a.z.shape[0], d = a.z.shape[1], n = a.images > 0 ? a.images : rows / 2;
    require(n >= 2 && rows % n == 0 && rows >= 2 * n, "ProtoCLR needs two images and two views or more", "ProtoClr",
            "raise the batch size, or the number of global views");
    const Index queries = rows - n, most = std::min(queries, rows_at_once);
    const T each = T{1} / static_cast<T>(queries), two = T{2} / static_cast<T>(temperature);
    T* const logit = a.scratch.data();
    T* const target = logit + most * n;
    T* const column = target + most * n;
    T* const d_column = column + n;
    const T* const p = a.z.data;
    const T* const q = p + n * d;
    T* const dp = a.dz.data;

    // −‖q − p‖²/T without ‖q‖², which is the same for every class: 2·q·p/T − ‖p‖²/T
    dispatch(backend, RowDots<T>{n, d, -two / 2, p, p, column, 1});
    dispatch(backend, Fill<T>{n, T{}, d_column});
    double loss = 0;
    each_row_block(queries, [&](Index first, Index count) {
      const T* const these = q + first * d;
      dispatch(backend, Gemm<T>{count, n, d, two, these, false, p, true, logit, false});
      dispatch(backend, AddBias<T>{count, n, column, logit});
      dispatch(backend, OneHotRows<T>{count, n, first, n, 0, target});
      double part = 0;
      dispatch(backend, SoftmaxCrossEntropy<T>{count, n, T{1}, each, logit, target, &part, a.sum});
      loss += part;

      dispatch(backend, Gemm<T>{count, d, n, two, logit, false, p, false, dp + (n + first) * d, false});
      dispatch(backend, Gemm<T>{n, d, count, two, logit, true, these, false, dp, first > 0});
      dispatch(backend, SumRows<T>{count, n, logit, d_column});
    });
    dispatch(backend, ScaleRows<T>{n, d, -two, d_column, 1, p, dp, true});
    return loss;
  }
};

}  // namespace sseg

#pragma once
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// Pushes outputs away from the teacher's for the same view, but no further than a margin:
///   L = (1/R) Σ_r log( 1 + exp( (cos(z_r, t_r) − m)/τ ) ).   z, t:(R, D)
/// A smooth hinge: about (cos − m)/τ above the margin m, about 0 below it, τ wide. No gradient reaches t. Alone it
/// teaches nothing worth knowing; it is the loss of a path that shall not do what the net does (train/repel_pass.hpp).
/// Throws: Error when the teacher's outputs are missing.
struct Repel {
  static constexpr std::string_view name = "repel";
  static constexpr bool needs_teacher = true;
  static constexpr bool mean_over_images = true;
  float margin = 0.5f;
  float temperature = 0.1f;
  bool operator==(const Repel&) const = default;

  /// Unit rows of both, norms, logits and their targets.
  constexpr Index scratch(Shape z) const { return 2 * z.count() + 5 * z[0]; }

  template <class B>
  double operator()(B& backend, const LossArgs<typename B::Scalar>& a) const {
    using T = typename B::Scalar;
    require(a.teacher && a.teacher.shape == a.z.shape, "the teacher's outputs for the same views are missing", "Repel",
            "run the teacher on them");
    const Index rows = a.z.shape[0], cols = a.z.shape[1];
    T* const unit = a.scratch.data();
    T* const away = unit + rows * cols;  // the unit targets, then ∂L/∂unit
    T* const norm = away + rows * cols;
    T* const logit = norm + rows;
    T* const target = logit + 2 * rows;
    dispatch(backend, L2NormalizeForward<T>{rows, cols, T(1e-12), a.teacher.data, away, norm});
    dispatch(backend, L2NormalizeForward<T>{rows, cols, T(1e-12), a.z.data, unit, norm});
    // log(1 + exp((c − m)/τ)) is the cross-entropy of the logits (m, c)/τ against their first.
    dispatch(backend, Fill<T>{2 * rows, static_cast<T>(margin), logit});
    dispatch(backend, RowDots<T>{rows, cols, T{1}, unit, away, logit + 1, 2});
    dispatch(backend, OneHotRows<T>{rows, 2, 0, 1, 0, target});
    double loss = 0;
    const T sharp = T{1} / static_cast<T>(temperature), each = T{1} / static_cast<T>(rows);
    dispatch(backend, SoftmaxCrossEntropy<T>{rows, 2, sharp, each, logit, target, &loss, a.sum});
    dispatch(backend, ScaleRows<T>{rows, cols, T{1}, logit + 1, 2, away, away, false});
    dispatch(backend, L2NormalizeBackward<T>{rows, cols, unit, norm, away, a.dz.data});
    return loss;
  }
};

}  // namespace sseg

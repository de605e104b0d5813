#pragma once
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// (1/(R·D)) Σ ‖z_r − t_r‖².   z, t:(R, D)
struct MeanSquare {
  static constexpr std::string_view name = "distill_mse";
  bool operator==(const MeanSquare&) const = default;
  constexpr Index scratch(Shape) const { return 0; }

  template <class B, class T>
  double operator()(B& backend, View<const T> z, T* t, View<T> dz, T*, double* sum) const {
    const Index count = z.shape.count();
    double value = 0;
    dispatch(backend, Copy<T>{count, z.data, dz.data});
    dispatch(backend, Scale<T>{count, T{-1}, t, dz.data, true});
    dispatch(backend, Dot<T>{count, T{1} / static_cast<T>(count), dz.data, dz.data, &value, sum});
    dispatch(backend, Scale<T>{count, T{2} / static_cast<T>(count), dz.data, dz.data, false});
    return value;
  }
};

/// (1/R) Σ ( 2 − 2·cos(z_r, t_r) ) (Grill et al. 2020, eq. 2).
struct CosineDistance {
  static constexpr std::string_view name = "distill_cosine";
  bool operator==(const CosineDistance&) const = default;
  constexpr Index scratch(Shape z) const { return z.count() + z[0]; }

  template <class B, class T>
  double operator()(B& backend, View<const T> z, T* t, View<T> dz, T* unit, double* sum) const {
    const Index rows = z.shape[0], cols = z.shape[1], count = z.shape.count();
    T* const norm = unit + count;
    double value = 0;
    const T each = T{-2} / static_cast<T>(rows);
    dispatch(backend, L2NormalizeForward<T>{rows, cols, T(1e-12), t, dz.data, norm});  // dz: the unit targets
    dispatch(backend, L2NormalizeForward<T>{rows, cols, T(1e-12), z.data, unit, norm});
    dispatch(backend, Dot<T>{count, each, unit, dz.data, &value, sum});
    dispatch(backend, Scale<T>{count, each, dz.data, t, false});
    dispatch(backend, L2NormalizeBackward<T>{rows, cols, unit, norm, t, dz.data});
    return 2 + value;
  }
};

/// (T²/R) Σ KL( softmax(t_r/T) ‖ softmax(z_r/T) ) (Hinton et al. 2015).
struct KullbackLeibler {
  static constexpr std::string_view name = "distill_kl";
  float temperature = 0.2f;
  bool operator==(const KullbackLeibler&) const = default;
  constexpr Index scratch(Shape z) const { return z.count(); }

  template <class B, class T>
  double operator()(B& backend, View<const T> z, T* t, View<T> dz, T* p, double* sum) const {
    const Index rows = z.shape[0], cols = z.shape[1], count = z.shape.count();
    const T heat = static_cast<T>(temperature), weight = heat * heat / static_cast<T>(rows);
    double entropy = 0, cross = 0;  // the first with its sign turned
    dispatch(backend, SoftmaxRows<T>{rows, cols, 1 / heat, t, nullptr, p});
    dispatch(backend, SoftmaxCrossEntropy<T>{rows, cols, 1 / heat, -weight, t, p, &entropy, sum});
    dispatch(backend, Copy<T>{count, z.data, dz.data});
    dispatch(backend, SoftmaxCrossEntropy<T>{rows, cols, 1 / heat, weight, dz.data, p, &cross, sum});
    return cross + entropy;
  }
};

/// Feature distillation from the averaged teacher: the student's output for each of two views follows the teacher's for
/// the other one, by `Divergence`. z, teacher:(2N, D). Alone it may collapse; beside NT-Xent it steadies training.
/// Throws: Error when the teacher's outputs are missing.
template <class Divergence = CosineDistance>
struct Distillation {
  static constexpr std::string_view name = Divergence::name;
  static constexpr bool needs_teacher = true;
  static constexpr bool mean_over_images = true;
  Divergence divergence{};
  bool operator==(const Distillation&) const = default;

  constexpr Index scratch(Shape z) const { return z.count() + divergence.scratch(z); }

  template <class B>
  double operator()(B& backend, const LossArgs<typename B::Scalar>& a) const {
    using T = typename B::Scalar;
    require(a.teacher && a.teacher.shape == a.z.shape && a.z.shape[0] % 2 == 0,
            "distillation needs the teacher's outputs for the same two views", "Distillation",
            "run the teacher's head on them");
    T* const target = a.scratch.data();
    const Index half = a.z.shape.count() / 2;
    dispatch(backend, Copy<T>{half, a.teacher.data + half, target});
    dispatch(backend, Copy<T>{half, a.teacher.data, target + half});
    return divergence(backend, a.z, target, a.dz, target + 2 * half, a.sum);
  }
};

}  // namespace sseg

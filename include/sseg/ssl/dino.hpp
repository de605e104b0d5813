#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// Self-distillation without labels (Caron et al. 2021), over V = 2 + L views, the global ones first:
///   L = 1/(2V − 2) Σ_{t ∈ {0,1}} Σ_{v ≠ t} (1/N) Σ_b H( softmax((g_t,b − c)/τ_t), softmax(f_v,b/τ_s) ),
/// f:(V·N, K) the student's logits, g:(2N, K) the teacher's, c:(K) the centre, afterwards c ← m·c + (1 − m)·mean(g).
/// A local view has both teachers' targets, a global view the other one's. ln K means that every output is uniform,
/// 0 that all are the same; `CollapseMonitor` watches for both. Remembers c. Scratch holds the targets.
/// Throws: Error when views, teacher or memory do not fit.
struct Dino {
  static constexpr std::string_view name = "dino";
  static constexpr Sees sees = Sees::crops;
  static constexpr bool needs_teacher = true;
  static constexpr bool mean_over_images = true;
  float student_temperature = 0.1f;          ///< τ_s
  float teacher_temperature = 0.04f;         ///< τ_t after the warm-up
  float warmup_teacher_temperature = 0.04f;  ///< τ_t at first; it moves linearly
  float warmup_share = 0.3f;                 ///< share of the run over which it does
  float center_momentum = 0.9f;              ///< m
  bool operator==(const Dino&) const = default;

  constexpr Index scratch(Shape z) const { return z[0] * z[1] + z[1]; }
  constexpr Index memory(Shape z) const { return z[1]; }

  float teacher_temperature_at(Progress p) const {
    const float span = warmup_share * static_cast<float>(p.steps);
    const float done = span > 0 ? std::min(static_cast<float>(p.step) / span, 1.f) : 1.f;
    return warmup_teacher_temperature + done * (teacher_temperature - warmup_teacher_temperature);
  }

  template <class B>
  double operator()(B& backend, const LossArgs<typename B::Scalar>& a) const {
    using T = typename B::Scalar;
    const Index rows = a.z.shape[0], k = a.z.shape[1], n = a.images > 0 ? a.images : rows / 2;
    require(n >= 1 && rows % n == 0 && rows >= 2 * n, "DINO needs two views of every image or more", "Dino",
            "give all views of a batch, view after view");
    require(a.teacher && a.teacher.shape == Shape{2 * n, k}, "DINO needs the teacher's outputs for two global views",
            "Dino", "run the teacher's head on the first two views");
    require(static_cast<Index>(a.memory.size()) == k, "DINO keeps a centre of one value an output", "Dino",
            "give it memory(z.shape) values that stay from step to step");
    const Index views = rows / n, terms = 2 * views - 2;
    T* const target = a.scratch.data();
    write_targets(backend, a, n, target, T{1} / static_cast<T>(teacher_temperature_at(a.at)));
    double loss = 0;
    dispatch(backend, Copy<T>{rows * k, a.z.data, a.dz.data});
    dispatch(backend, SoftmaxCrossEntropy<T>{rows, k, T{1} / static_cast<T>(student_temperature),
                                             T{1} / static_cast<T>(terms * n), a.dz.data, target, &loss, a.sum});
    move_center(backend, a, target + rows * k);
    return loss;
  }

 private:
  /// The teacher's distribution for view t is the target of view 1 − t; local views have the sum of both.
  template <class B, class T>
  static void write_targets(B& backend, const LossArgs<T>& a, Index n, T* target, T inverse) {
    const Index rows = a.z.shape[0], k = a.z.shape[1], view = n * k;
    for (Index t = 0; t < 2; ++t)
      dispatch(backend,
               SoftmaxRows<T>{n, k, inverse, a.teacher.data + t * view, a.memory.data(), target + (1 - t) * view});
    for (Index v = 2; v < rows / n; ++v) dispatch(backend, Add<T>{view, target, target + view, target + v * view});
  }
  template <class B, class T>
  void move_center(B& backend, const LossArgs<T>& a, T* sum) const {
    const Index rows = a.teacher.shape[0], k = a.z.shape[1];
    const T m = static_cast<T>(center_momentum);
    dispatch(backend, Fill<T>{k, T{}, sum});
    dispatch(backend, SumRows<T>{rows, k, a.teacher.data, sum});
    dispatch(backend, Scale<T>{k, m, a.memory.data(), a.memory.data(), false});
    dispatch(backend, Scale<T>{k, (1 - m) / static_cast<T>(rows), sum, a.memory.data(), true});
  }
};

}  // namespace sseg

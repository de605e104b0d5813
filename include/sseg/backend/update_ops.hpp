#pragma once
#include <cstdint>
#include <span>

#include "sseg/core/shape.hpp"

/// Operations that update weights and averages of them. Conventions are those of backend/ops.hpp, which includes this.
namespace sseg {

/// Bias corrections of AdamW for parameters of one age t >= 1: 1 − β₁ᵗ and 1 − β₂ᵗ. A backend that skips updates
/// (ScalesLossAway) makes them of the age instead, less those it has skipped, and refuses an age of 0, which says that
/// an optimizer has not given it.
struct AdamCorrection {
  double first = 1, second = 1;
  Index age = 0;
};

/// AdamW (Loshchilov & Hutter 2019, algorithm 2):
///   m = β₁m + (1−β₁)g,  v = β₂v + (1−β₂)g²,  w = w − rate·( (m/c₁) / (√(v/c₂) + eps) + decay·w )
/// with c = correction[cohort[i]], or correction[0] everywhere when `cohort` is null.
template <class T>
struct AdamWUpdate {
  Index count;
  T* w;
  const T* g;
  T* m;
  T* v;
  T rate, beta1, beta2, eps, decay;
  std::span<const AdamCorrection> correction;
  const std::uint8_t* cohort;
};

/// AdamWUpdate, and the average of its w: target = keep·target + (1−keep)·w. One sweep instead of two.
template <class T>
struct AdamWAverageUpdate {
  static constexpr bool joint = true;
  AdamWUpdate<T> step;
  T keep;
  T* target;
};

/// SGD with momentum. Decay is coupled (an L2 term of the loss): it goes through the momentum as the gradient does.
///   e = g + decay·w,  m = momentum·m + e,  w = w − rate·m,  or with Nesterov's look ahead  w = w − rate·(e +
///   momentum·m)
template <class T>
struct SgdUpdate {
  Index count;
  T* w;
  const T* g;
  T* m;
  T rate, momentum, decay;
  bool nesterov;
};

/// *norm = ‖g‖₂ as it was, summed in double;  g = g·limit/norm when limit < norm < ∞. `norm` lies where g does.
template <class T>
struct ClipNorm {
  Index count;
  T limit;
  T* g;
  double* norm;
};

/// target = decay·target + (1−decay)·source.
template <class T>
struct EmaUpdate {
  Index count;
  T decay;
  const T* source;
  T* target;
};

}  // namespace sseg

#pragma once
#include "sseg/backend/ops.hpp"
#include "sseg/core/error.hpp"
#include "sseg/net/param_store.hpp"

namespace sseg {

/// The teacher: an exponential moving average of the student, θ_t ← m·θ_t + (1 − m)·θ_s (Tarvainen & Valpola 2017;
/// Caron et al. 2021). The running statistics of the norms follow by the same average: the teacher is never trained,
/// and without them its evaluation mode would normalise with the statistics of the untrained net.
/// It never receives a gradient. The decay warms up as min(m, (1+t)/(10+t)), so that the first steps are forgotten.
struct EmaTeacher {
  float decay = 0.996f;
  bool warm_up = true;
  bool operator==(const EmaTeacher&) const = default;

  float decay_at(Index step) const {
    const float early = static_cast<float>(1 + step) / static_cast<float>(10 + step);
    return warm_up && early < decay ? early : decay;
  }

  /// Requires: both stores are laid out for the same net. `step` counts the updates before this one.
  template <class B>
  void update(B& backend, const ParamStore<typename B::Scalar>& student, ParamStore<typename B::Scalar>& teacher,
              Index step) const {
    using T = typename B::Scalar;
    require(student.value.size() == teacher.value.size() && student.state.size() == teacher.state.size(),
            "the teacher has another layout than the student", "EmaTeacher::update",
            "apply every mutation to both, with the same stream");
    const T m = static_cast<T>(decay_at(step));
    dispatch(backend, EmaUpdate<T>{student.value.size(), m, student.value.data(), teacher.value.data()});
    dispatch(backend, EmaUpdate<T>{student.state.size(), m, student.state.data(), teacher.state.data()});
  }
};

}  // namespace sseg

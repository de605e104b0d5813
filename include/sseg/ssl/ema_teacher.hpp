#pragma once
#include "sseg/backend/ops.hpp"
#include "sseg/concepts/scheduler.hpp"
#include "sseg/core/error.hpp"
#include "sseg/net/param_store.hpp"
#include "sseg/optim/schedule.hpp"
#include "sseg/optim/weight_average.hpp"

namespace sseg {

/// The teacher: an exponential moving average of the student, θ_t ← m·θ_t + (1 − m)·θ_s (Tarvainen & Valpola 2017;
/// Caron et al. 2021). It never receives a gradient.
/// m goes from `decay` to `final_decay` by the rule of MomentumCosine. Warm-up: at most (1+t)/(10+t) after t updates,
/// so that the first steps are forgotten.
struct EmaTeacher {
  /// Where the running statistics of the teacher's norms come from, which its evaluation mode normalises with.
  enum class Statistics {
    average,  ///< the same average of the student's: one more small sweep, no forward pass
    student,  ///< the student's, copied: younger than the teacher's weights
    own       ///< untouched here: whoever runs the teacher forward in training mode moves them. If nobody does, they
              ///< stay those of the untrained net, and evaluation is nonsense
  };

  float decay = 0.996f;
  float final_decay = decay;  ///< at the end of the run; as given by `decay` unless it is named too
  bool warm_up = true;
  Statistics statistics = Statistics::average;
  bool operator==(const EmaTeacher&) const = default;

  /// m of the update that ends step `at.step` (counted from 0).
  float decay_at(Progress at) const {
    const float wanted = MomentumCosine{decay, final_decay}(at);
    const float early = static_cast<float>(1 + at.step) / static_cast<float>(10 + at.step);
    return warm_up && early < wanted ? early : wanted;
  }

  /// Requires: both stores are laid out for the same net. `at.step` counts the updates before this one.
  template <class B>
  void update(B& backend, const ParamStore<typename B::Scalar>& student, ParamStore<typename B::Scalar>& teacher,
              Progress at) const {
    using T = typename B::Scalar;
    require_same_layout(student, teacher);
    const T m = static_cast<T>(decay_at(at));
    dispatch(backend, EmaUpdate<T>{student.value.size(), m, student.value.data(), teacher.value.data()});
    update_statistics(backend, student, teacher, m);
  }

  /// The same after the student's own update by `optimizer`, in one sweep over the weights where it can.
  template <class O, class B>
  void update_after(const O& optimizer, B& backend, ParamStore<typename B::Scalar>& student,
                    ParamStore<typename B::Scalar>& teacher, float rate, Progress at) const {
    using T = typename B::Scalar;
    if constexpr (TakesAverage<O, B, ParamStore<T>>) {
      require_same_layout(student, teacher);
      const T m = static_cast<T>(decay_at(at));
      optimizer.update(backend, student, rate, WeightAverage<T>{m, teacher.value.data()});
      update_statistics(backend, student, teacher, m);
    } else {
      optimizer.update(backend, student, rate);
      update(backend, student, teacher, at);
    }
  }

 private:
  template <class T>
  static void require_same_layout(const ParamStore<T>& student, const ParamStore<T>& teacher) {
    require(student.value.size() == teacher.value.size() && student.state.size() == teacher.state.size(),
            "the teacher has another layout than the student", "EmaTeacher::update",
            "apply every mutation to both, with the same stream");
  }
  template <class B, class T>
  void update_statistics(B& backend, const ParamStore<T>& student, ParamStore<T>& teacher, T m) const {
    if (statistics == Statistics::average)
      dispatch(backend, EmaUpdate<T>{student.state.size(), m, student.state.data(), teacher.state.data()});
    if (statistics == Statistics::student)
      dispatch(backend, Copy<T>{student.state.size(), student.state.data(), teacher.state.data()});
  }
};

}  // namespace sseg

#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/optimizer.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/net/param_store.hpp"
#include "sseg/optim/weight_average.hpp"

namespace sseg {

/// AdamW with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2; the formula is at AdamWUpdate). Decay
/// applies to weights only, not to norms and biases. Bias corrections follow each element's own age, so weights that
/// joined by widening start with a first update of at most the learning rate, while their elders go on undisturbed.
struct AdamW {
  static constexpr std::string_view name = "adamw";
  static constexpr int moments = 2;
  float beta1 = 0.9f, beta2 = 0.999f, eps = 1e-8f;
  float decay = 1e-4f;  ///< per unit of learning rate
  bool operator==(const AdamW&) const = default;

  template <class B>
  void update(B& backend, ParamStore<typename B::Scalar>& store, float rate,
              WeightAverage<typename B::Scalar> average = {}) const {
    using T = typename B::Scalar;
    std::array<AdamCorrection, 256> corrections;
    for (auto& e : store.entries) {
      if (!e.is_param()) continue;
      ++e.step;
      const Index cohorts = e.cohort.empty() ? 1 : static_cast<Index>(e.cohort_start.size());
      for (Index k = 0; k < cohorts; ++k)
        corrections[to_size(k)] = correction(e.step - (e.cohort.empty() ? 0 : e.cohort_start[to_size(k)]));
      const Index at = e.offset;
      const AdamWUpdate<T> op{e.count(),
                              store.value.data() + at,
                              store.grad.data() + at,
                              store.moment[0].data() + at,
                              store.moment[1].data() + at,
                              static_cast<T>(rate),
                              static_cast<T>(beta1),
                              static_cast<T>(beta2),
                              static_cast<T>(eps),
                              e.desc.decay ? static_cast<T>(decay) : T{},
                              {corrections.data(), to_size(cohorts)},
                              e.cohort.empty() ? nullptr : e.cohort.data()};
      if (!average.target)
        dispatch(backend, op);
      else
        update_and_average(backend, op, average.keep, average.target + at);
    }
  }

 private:
  template <class B, class T>
  static void update_and_average(B& backend, const AdamWUpdate<T>& op, T keep, T* target) {
    if (detail::run_joint(backend, AdamWAverageUpdate<T>{op, keep, target})) return;
    dispatch(backend, op);
    dispatch(backend, EmaUpdate<T>{op.count, keep, op.w, target});
  }
  AdamCorrection correction(Index age) const {
    const auto t = static_cast<double>(age);
    return {1 - std::pow(static_cast<double>(beta1), t), 1 - std::pow(static_cast<double>(beta2), t), age};
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::AdamW, beta1, beta2, eps, decay);

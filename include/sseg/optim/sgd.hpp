#pragma once
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/optimizer.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/net/param_store.hpp"
#include "sseg/optim/weight_average.hpp"

namespace sseg {

/// Stochastic gradient descent with momentum (Polyak 1964; Nesterov's form after Sutskever et al. 2013); the formula is
/// at SgdUpdate. Decay is coupled, an L2 term of the loss, as "SGD with weight decay" usually means: it enters the
/// momentum, and its strength follows the rate. It applies to weights only, not to norms and biases. Weights that
/// joined by widening start with zero momentum and need no correction.
struct Sgd {
  static constexpr std::string_view name = "sgd";
  static constexpr int moments = 1;
  float momentum = 0.9f;
  bool nesterov = false;
  float decay = 1e-4f;
  bool operator==(const Sgd&) const = default;

  template <class B>
  void update(B& backend, ParamStore<typename B::Scalar>& store, float rate,
              WeightAverage<typename B::Scalar> average = {}) const {
    using T = typename B::Scalar;
    for (auto& e : store.entries) {
      if (!e.is_param()) continue;
      ++e.step;
      const Index at = e.offset;
      dispatch(backend, SgdUpdate<T>{e.count(), store.value.data() + at, store.grad.data() + at,
                                     store.moment[0].data() + at, static_cast<T>(rate), static_cast<T>(momentum),
                                     e.desc.decay ? static_cast<T>(decay) : T{}, nesterov});
      if (average.target)
        dispatch(backend, EmaUpdate<T>{e.count(), average.keep, store.value.data() + at, average.target + at});
    }
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::Sgd, momentum, nesterov, decay);

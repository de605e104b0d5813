#pragma once
#include <cmath>
#include <span>

#include "sseg/backend/loss_scale.hpp"
#include "sseg/backend/loss_scale_ops.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/net/param_store.hpp"

namespace sseg {

/// Throws: Error when this is the `overflow` (UnscaleGradients) of a step for which the scale cannot be less.
inline void check_overflow(double overflow) {
  require(overflow < 2, "gradients are not finite although the scale of the loss is the least", "LossScaling",
          "lower the learning rate, or train in float");
}

/// The factor on the loss that a backend asks for (ScalesLoss); on any other backend it is 1, and all of this nothing
/// at compile time. Where the factor lies with the backend's arrays (ScalesLossAway), nobody waits.
template <class B>
class LossScaling {
  using T = typename B::Scalar;

 public:
  static constexpr bool away = ScalesLossAway<B>;

  explicit LossScaling(B& backend) : backend_(backend) {}

  /// dz = weight·factor·dz.
  void put_in(T weight, std::span<T> dz) const {
    const Index count = static_cast<Index>(dz.size());
    if constexpr (away)
      dispatch(backend_, ScaleLoss<T>{count, weight, dz.data()});
    else if (const T w = weight * factor(); w != T{1})
      dispatch(backend_, Scale<T>{count, w, dz.data(), dz.data(), false});
  }
  /// Takes the factor out of a step's gradients, and tells the scale whether they are finite. False: they are not, and
  /// the step is to be skipped. Away it is always true, and *overflow tells there (UnscaleGradients).
  bool take_out(std::span<T> gradients, double* overflow) const {
    const Index count = static_cast<Index>(gradients.size());
    if constexpr (away) {
      dispatch(backend_, UnscaleGradients<T>{count, gradients.data(), overflow});
      return true;
    } else if constexpr (ScalesLoss<B>) {
      double squares = 0;
      dispatch(backend_, Scale<T>{count, T{1} / factor(), gradients.data(), gradients.data(), false});
      dispatch(backend_, Dot<T>{count, T{1}, gradients.data(), gradients.data(), &squares});
      const bool finite = std::isfinite(squares);
      check_overflow(finite || !backend_.loss_scale().is_least() ? 0 : 2);
      backend_.loss_scale().observe(finite);
      return finite;
    } else {
      return true;
    }
  }
  /// Makes room in a store that lies where the backend's arrays do for what `update` counts. Before work is gathered
  /// (AsOne): what a step that fails has noted never happens, and the count would be anything.
  void prepare(ParamStore<T>& store) const {
    if constexpr (away)
      if (store.missed.size() == 0) {
        store.missed.lie_in(memory_of(backend_));
        store.missed.resize(1);
      }
  }
  /// update(), but nothing comes of it where the gradients have overflowed. `step`: the Step that made them; `store`:
  /// whose parameters get older by it, prepared before work was gathered, where it is.
  template <class Step, class F>
  void update(const Step& step, ParamStore<T>& store, F&& update) const {
    if constexpr (away) {
      prepare(store);
      const Skipping skipping(backend_, step.overflow().data(), store.missed.data());
      update();
    } else {
      if (step.finite()) update();
    }
  }

 private:
  struct Skipping {
    Skipping(B& backend, const double* overflow, T* missed) : backend_(backend) {
      backend_.skip_updates(overflow, missed);
    }
    Skipping(const Skipping&) = delete;
    Skipping& operator=(const Skipping&) = delete;
    ~Skipping() { backend_.skip_nothing(); }

   private:
    B& backend_;
  };

  T factor() const {
    if constexpr (ScalesLoss<B>)
      return static_cast<T>(backend_.loss_scale().value());
    else
      return T{1};
  }

  B& backend_;
};

}  // namespace sseg

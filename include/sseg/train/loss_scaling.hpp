#pragma once
#include <cmath>
#include <span>

#include "sseg/backend/loss_scale.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg {

/// The factor on the loss that a backend asks for (ScalesLoss); on any other backend it is 1, and all of this nothing
/// at compile time.
template <class B>
class LossScaling {
  using T = typename B::Scalar;

 public:
  explicit LossScaling(B& backend) : backend_(backend) {}

  T factor() const {
    if constexpr (ScalesLoss<B>)
      return static_cast<T>(backend_.loss_scale().value());
    else
      return T{1};
  }
  /// Takes the factor out of a step's gradients, and tells the scale whether they are finite; so this waits for them.
  /// False: they are not, and the step is to be skipped.
  bool take_out(std::span<T> gradients) const {
    if constexpr (ScalesLoss<B>) {
      const Index count = static_cast<Index>(gradients.size());
      double squares = 0;
      dispatch(backend_, Scale<T>{count, T{1} / factor(), gradients.data(), gradients.data(), false});
      dispatch(backend_, Dot<T>{count, T{1}, gradients.data(), gradients.data(), &squares});
      const bool finite = std::isfinite(squares);
      require(finite || !backend_.loss_scale().is_least(),
              "gradients are not finite although the scale of the loss is the least", "LossScaling",
              "lower the learning rate, or train in float");
      backend_.loss_scale().observe(finite);
      return finite;
    } else {
      return true;
    }
  }

 private:
  B& backend_;
};

}  // namespace sseg

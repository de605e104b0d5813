#pragma once
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/layer/no_params.hpp"

namespace sseg {

/// y = max(x, 0), any shape. Backward reads y; at x = 0 the gradient is 0.
struct Relu : NoParams {
  static constexpr std::string_view name = "relu";
  bool operator==(const Relu&) const = default;
  constexpr Shape out_shape(Shape s) const { return s; }

  template <class B>
  void forward(B& backend, const Forward<typename B::Scalar>& f) const {
    dispatch(backend, ReluForward<typename B::Scalar>{f.x.shape.count(), f.x.data, f.y.data});
  }
  template <class B>
  void backward(B& backend, const Backward<typename B::Scalar>& g) const {
    if (g.dx) dispatch(backend, ReluBackward<typename B::Scalar>{g.y.shape.count(), g.y.data, g.dy.data, g.dx.data});
  }
};

}  // namespace sseg

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

  template <class B, class X>
  void forward(B& backend, const Forward<typename B::Scalar, X>& f) const {
    dispatch(backend, ReluForward<X>{f.x.shape.count(), f.x.data, f.y.data});
  }
  template <class B, class X>
  void backward(B& backend, const Backward<typename B::Scalar, X>& g) const {
    if (g.dx) dispatch(backend, ReluBackward<X>{g.y.shape.count(), g.y.data, g.dy.data, g.dx.data});
  }
};

}  // namespace sseg

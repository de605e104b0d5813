#pragma once
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/layer/no_params.hpp"

namespace sseg {

/// y = x·Φ(x), any shape (Hendrycks & Gimpel 2016). Backward reads x.
struct Gelu : NoParams {
  static constexpr std::string_view name = "gelu";
  bool operator==(const Gelu&) const = default;
  constexpr Shape out_shape(Shape s) const { return s; }

  template <class B, class X>
  void forward(B& backend, const Forward<typename B::Scalar, X>& f) const {
    dispatch(backend, GeluForward<X>{f.x.shape.count(), f.x.data, f.y.data});
  }
  template <class B, class X>
  void backward(B& backend, const Backward<typename B::Scalar, X>& g) const {
    if (g.dx) dispatch(backend, GeluBackward<X>{g.x.shape.count(), g.x.data, g.dy.data, g.dx.data});
  }
};

}  // namespace sseg

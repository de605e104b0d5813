#pragma once
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/core/error.hpp"
#include "sseg/layer/no_params.hpp"

namespace sseg {

/// One row per image: y:(N, H·W·C) with the channel running fastest.   x:(N,H,W,C). Throws: Error when x is no image.
struct Flatten : NoParams {
  static constexpr std::string_view name = "flatten";
  static constexpr int in_rank = 4, out_rank = 2;
  bool operator==(const Flatten&) const = default;

  constexpr Shape out_shape(Shape s) const {
    if (s.rank != 4)
      throw Error("flatten wants (N, H, W, C), got " + to_string(s), "Flatten::out_shape",
                  "put it after the last convolution");
    return {s[0], s[1] * s[2] * s[3]};
  }
  template <class B, class X, class Y>
  void forward(B& backend, const Forward<typename B::Scalar, X, Y>& f) const {
    dispatch(backend, Copy<Y, X>{f.x.shape.count(), f.x.data, f.y.data});
  }
  template <class B, class X, class Y>
  void backward(B& backend, const Backward<typename B::Scalar, X, Y>& g) const {
    if (g.dx) dispatch(backend, Copy<X, Y>{g.dy.shape.count(), g.dy.data, g.dx.data});
  }
};

}  // namespace sseg

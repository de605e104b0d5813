#pragma once
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/core/error.hpp"
#include "sseg/layer/no_params.hpp"

namespace sseg {

/// Mean over all positions: y[n,c] = (1/HW) Σ x[n,:,:,c].   x:(N,H,W,C)  y:(N,C). Throws: Error when x is no image.
struct GlobalPool : NoParams {
  static constexpr std::string_view name = "global_pool";
  static constexpr int in_rank = 4, out_rank = 2;
  bool operator==(const GlobalPool&) const = default;

  constexpr Shape out_shape(Shape s) const {
    if (s.rank != 4)
      throw Error("global pool wants (N, H, W, C), got " + to_string(s), "GlobalPool::out_shape",
                  "put it after the last convolution");
    return {s[0], s[3]};
  }
  template <class B, class Map>
  void forward(B& backend, const Forward<typename B::Scalar, Map, typename B::Scalar>& f) const {
    const Shape& s = f.x.shape;
    dispatch(backend, GlobalPoolForward<typename B::Scalar, Map>{s[0], s[1] * s[2], s[3], f.x.data, f.y.data});
  }
  template <class B, class Map>
  void backward(B& backend, const Backward<typename B::Scalar, Map, typename B::Scalar>& g) const {
    const Shape& s = g.x.shape;
    if (g.dx)
      dispatch(backend, GlobalPoolBackward<typename B::Scalar, Map>{s[0], s[1] * s[2], s[3], g.dy.data, g.dx.data});
  }
};

}  // namespace sseg

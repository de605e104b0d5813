#pragma once
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/core/error.hpp"
#include "sseg/layer/no_params.hpp"

namespace sseg {

/// Every row to length 1: y = x / max(‖x‖₂, eps).   x, y:(N,D). Keeps the N norms. Throws: Error when x is no matrix.
struct L2Normalize : NoParams {
  static constexpr std::string_view name = "l2_normalize";
  static constexpr int in_rank = 2, out_rank = 2;
  float eps = 1e-12f;
  bool operator==(const L2Normalize&) const = default;

  constexpr Shape out_shape(Shape s) const {
    if (s.rank != 2)
      throw Error("l2_normalize wants (N, D), got " + to_string(s), "L2Normalize::out_shape",
                  "put sseg::Flatten or sseg::GlobalPool before it");
    return s;
  }
  constexpr Index keep(Shape s) const { return s[0]; }

  template <class B>
  void forward(B& backend, const Forward<typename B::Scalar>& f) const {
    using T = typename B::Scalar;
    dispatch(backend,
             L2NormalizeForward<T>{f.x.shape[0], f.x.shape[1], static_cast<T>(eps), f.x.data, f.y.data, f.keep.data()});
  }
  template <class B>
  void backward(B& backend, const Backward<typename B::Scalar>& g) const {
    using T = typename B::Scalar;
    if (g.dx)
      dispatch(backend,
               L2NormalizeBackward<T>{g.x.shape[0], g.x.shape[1], g.y.data, g.keep.data(), g.dy.data, g.dx.data});
  }
};

}  // namespace sseg

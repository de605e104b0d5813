#pragma once
#include <string>
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/core/error.hpp"
#include "sseg/layer/no_params.hpp"

namespace sseg {

/// Max pool over size×size windows, stride size; a remainder at the right and bottom edge is dropped.
/// x:(N,H,W,C)  y:(N,H/size,W/size,C). Ties go to the first of the window. Throws: Error when nothing would be left.
struct MaxPool : NoParams {
  static constexpr std::string_view name = "max_pool";
  static constexpr int in_rank = 4, out_rank = 4;
  Index size = 2;
  constexpr MaxPool() = default;
  constexpr explicit MaxPool(Index window) : size(window) {}
  bool operator==(const MaxPool&) const = default;

  constexpr Shape out_shape(Shape s) const {
    if (s.rank != 4 || s[1] < size || s[2] < size)
      throw Error("max pool by " + std::to_string(size) + " cannot take " + to_string(s), "MaxPool::out_shape",
                  "pool less often or use larger images");
    return {s[0], s[1] / size, s[2] / size, s[3]};
  }
  /// The identity norm the fused operation is run with: scale 1, shift 0, mean 0, 1/std 1, and two unused gradients.
  constexpr Index keep(Shape s) const { return 4 * s[3]; }
  constexpr Index scratch(Shape s) const { return 2 * s[3]; }

  template <class B, class Map>
  void forward(B& backend, const Forward<typename B::Scalar, Map>& f) const {
    using T = typename B::Scalar;
    const Index c = f.x.shape[3];
    dispatch(backend, Fill<T>{2 * c, T{1}, f.keep.data()});
    dispatch(backend, Fill<T>{2 * c, T{0}, f.keep.data() + 2 * c});
    dispatch(backend, NormReluPoolForward<T, Map>{geometry(f.x.shape), f.x.data, f.keep.data(), f.keep.data() + 2 * c,
                                                  f.y.data});
  }
  template <class B, class Map>
  void backward(B& backend, const Backward<typename B::Scalar, Map>& g) const {
    using T = typename B::Scalar;
    if (!g.dx) return;
    const Index c = g.x.shape[3];
    const T *one = g.keep.data(), *zero = g.keep.data() + 2 * c;
    dispatch(backend, Fill<T>{2 * c, T{0}, g.scratch.data()});
    dispatch(backend, NormReluPoolBackward<T, Map>{geometry(g.x.shape), g.x.data, zero, one, one, zero, g.dy.data,
                                                   g.dx.data, g.scratch.data(), g.scratch.data() + c, false});
  }

  constexpr NormGeometry geometry(Shape s) const {
    return {.n = s[0], .h = s[1], .w = s[2], .c = s[3], .pool = size, .relu = false};
  }
};

}  // namespace sseg

#pragma once
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// 2-D convolution with zero padding, no bias: y = x ∗ w.   x:(N,H,W,in)  w:(kernel,kernel,in,out)  y:(N,H',W',out),
/// H' = (H + 2·pad − kernel)/stride + 1. A batch norm follows in every block of this library, so a bias would be dead.
/// Weights start normal with std sqrt(2/(kernel²·in)) (He et al. 2015). Throws: Error when the channels differ.
struct Conv2d {
  static constexpr std::string_view name = "conv2d";
  static constexpr int in_rank = 4, out_rank = 4;
  Index in = 0, out = 0;
  Index kernel = 3, stride = 1, pad = 1;
  bool operator==(const Conv2d&) const = default;

  constexpr Shape out_shape(Shape s) const {
    if (s.rank != 4 || s[3] != in)
      throw Error("conv2d wants (N, H, W, " + std::to_string(in) + "), got " + to_string(s), "Conv2d::out_shape",
                  "give the layer before it as many channels as this one reads");
    const ConvGeometry g = geometry(s);
    if (g.h + 2 * pad < kernel || g.w + 2 * pad < kernel)
      throw Error("the kernel of " + std::to_string(kernel) + " does not fit the image " + to_string(s),
                  "Conv2d::out_shape", "pad more, pool less, or use larger images");
    return {s[0], g.out_h(), g.out_w(), out};
  }
  constexpr Index param_count() const { return kernel * kernel * in * out; }
  constexpr Index state_count() const { return 0; }
  constexpr Index keep(Shape) const { return 0; }
  constexpr Index scratch(Shape) const { return 0; }
  constexpr Index macs(Shape s) const { return geometry(s).macs(); }

  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const {
    const float std_dev = std::sqrt(2.f / static_cast<float>(kernel * kernel * in));
    list.push_back({.key = at + "/weight",
                    .shape = {kernel, kernel, in, out},
                    .init = {Init::Kind::normal, std_dev},
                    .decay = true,
                    .layout = Layout::hwio});
  }

  template <class B, class Map>
  void forward(B& backend, const Forward<typename B::Scalar, Map>& f) const {
    dispatch(backend, forward_op(f));
  }
  template <class B, class Map>
  void backward(B& backend, const Backward<typename B::Scalar, Map>& g) const {
    using T = typename B::Scalar;
    dispatch(backend, backward_weights_op(g));
    if (g.dx) dispatch(backend, Conv2dBackwardData<T, Map>{geometry(g.x.shape), g.dy.data, g.w.data(), g.dx.data});
  }

  template <class T, class Map>
  Conv2dForward<T, Map> forward_op(const Forward<T, Map>& f) const {
    return {geometry(f.x.shape), f.x.data, f.w.data(), nullptr, f.y.data};
  }
  template <class T, class Map>
  Conv2dBackwardWeights<T, Map> backward_weights_op(const Backward<T, Map>& g) const {
    return {geometry(g.x.shape), g.x.data, g.dy.data, g.dw.data(), nullptr};
  }
  constexpr ConvGeometry geometry(Shape s) const {
    return {.n = s[0], .h = s[1], .w = s[2], .c = in, .o = out, .kernel = kernel, .stride = stride, .pad = pad};
  }
};

}  // namespace sseg

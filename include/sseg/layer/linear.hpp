#pragma once
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// y = x·Wᵀ + b.   x:(N,in)  W:(out,in)  b:(out)  y:(N,out)
/// W starts normal with std sqrt(gain/in): gain 2 before a ReLU (He et al. 2015), 1 otherwise; b starts at 0.
/// Throws: Error when x is not (N, in).
struct Linear {
  static constexpr std::string_view name = "linear";
  static constexpr int in_rank = 2, out_rank = 2;
  Index in = 0, out = 0;
  float gain = 1.f;
  bool operator==(const Linear&) const = default;

  constexpr Shape out_shape(Shape s) const {
    if (s.rank != 2 || s[1] != in)
      throw Error("linear wants (N, " + std::to_string(in) + "), got " + to_string(s), "Linear::out_shape",
                  "make its `in` the number of features of the layer before it");
    return {s[0], out};
  }
  constexpr Index param_count() const { return out * in + out; }
  constexpr Index state_count() const { return 0; }
  constexpr Index keep(Shape) const { return 0; }
  constexpr Index scratch(Shape) const { return 0; }
  constexpr Index macs(Shape s) const { return s[0] * in * out; }

  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const {
    const float std_dev = std::sqrt(gain / static_cast<float>(in));
    list.push_back({.key = at + "/weight", .shape = {out, in}, .init = {Init::Kind::normal, std_dev}, .decay = true});
    list.push_back({.key = at + "/bias", .shape = {out}});
  }

  template <class B>
  void forward(B& backend, const Forward<typename B::Scalar>& f) const {
    using T = typename B::Scalar;
    const Index n = f.x.shape[0];
    dispatch(backend, Gemm<T>{n, out, in, T{1}, f.x.data, false, f.w.data(), true, f.y.data, false});
    dispatch(backend, AddBias<T>{n, out, f.w.data() + out * in, f.y.data});
  }
  template <class B>
  void backward(B& backend, const Backward<typename B::Scalar>& g) const {
    using T = typename B::Scalar;
    const Index n = g.x.shape[0];
    dispatch(backend, Gemm<T>{out, in, n, T{1}, g.dy.data, true, g.x.data, false, g.dw.data(), true});
    dispatch(backend, SumRows<T>{n, out, g.dy.data, g.dw.data() + out * in});
    if (g.dx) dispatch(backend, Gemm<T>{n, in, out, T{1}, g.dy.data, false, g.w.data(), false, g.dx.data, false});
  }
};

}  // namespace sseg

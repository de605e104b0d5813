#pragma once
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// y = x·Ŵᵀ, every row of W scaled to length 1 (weight normalisation with the gain held at 1, Salimans & Kingma 2016),
/// no bias.   x:(N,in)  W:(out,in)  y:(N,out). Behind an L2Normalize, y holds cosines: DINO's last layer (Caron et al.
/// 2021). Keeps Ŵ and the norms. W does not decay: a row's length has no effect on y, and shrinking it would only make
/// the same update turn it further. So that it turns as other weights do, it starts about 1 long, normal with std
/// 1/√in. Throws: Error when x is not (N, in).
struct WeightNormLinear {
  static constexpr std::string_view name = "weight_norm_linear";
  static constexpr int in_rank = 2, out_rank = 2;
  Index in = 0, out = 0;
  bool operator==(const WeightNormLinear&) const = default;

  constexpr Shape out_shape(Shape s) const {
    if (s.rank != 2 || s[1] != in)
      throw Error("weight_norm_linear wants (N, " + std::to_string(in) + "), got " + to_string(s),
                  "WeightNormLinear::out_shape", "make its `in` the number of features of the layer before it");
    return {s[0], out};
  }
  constexpr Index param_count() const { return out * in; }
  constexpr Index state_count() const { return 0; }
  constexpr Index keep(Shape) const { return out * in + out; }
  constexpr Index scratch(Shape) const { return 2 * out * in; }
  constexpr Index macs(Shape s) const { return s[0] * in * out + out * in; }
  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const {
    const float std_dev = 1 / std::sqrt(static_cast<float>(in));
    list.push_back({.key = at + "/weight", .shape = {out, in}, .init = {Init::Kind::normal, std_dev}});
  }

  template <class B>
  void forward(B& backend, const Forward<typename B::Scalar>& f) const {
    using T = typename B::Scalar;
    T* const unit = f.keep.data();
    dispatch(backend, L2NormalizeForward<T>{out, in, T(1e-12), f.w.data(), unit, unit + out * in});
    dispatch(backend, Gemm<T>{f.x.shape[0], out, in, T{1}, f.x.data, false, unit, true, f.y.data, false});
  }
  template <class B>
  void backward(B& backend, const Backward<typename B::Scalar>& g) const {
    using T = typename B::Scalar;
    const Index n = g.x.shape[0];
    const T* const unit = g.keep.data();
    T* const d_unit = g.scratch.data();
    T* const d_weight = d_unit + out * in;
    dispatch(backend, Gemm<T>{out, in, n, T{1}, g.dy.data, true, g.x.data, false, d_unit, false});
    dispatch(backend, L2NormalizeBackward<T>{out, in, unit, unit + out * in, d_unit, d_weight});
    dispatch(backend, Add<T>{out * in, g.dw.data(), d_weight, g.dw.data()});
    if (g.dx) dispatch(backend, Gemm<T>{n, in, out, T{1}, g.dy.data, false, unit, false, g.dx.data, false});
  }
};

}  // namespace sseg

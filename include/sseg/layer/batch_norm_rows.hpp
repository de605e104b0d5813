#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/layer/batch_norm.hpp"

namespace sseg {

/// Batch norm of features: y = γ·(x − μ)/√(σ² + eps) + β per column (Ioffe & Szegedy 2015).   x, y:(N,C)
/// Statistics, state and keep as in NormReluPool, whose kernels it uses. Throws: Error when the columns differ.
struct BatchNormRows {
  static constexpr std::string_view name = "batch_norm_rows";
  static constexpr int in_rank = 2, out_rank = 2;
  Index channels = 0;
  bool operator==(const BatchNormRows&) const = default;

  constexpr Shape out_shape(Shape s) const {
    if (s.rank != 2 || s[1] != channels)
      throw Error("batch norm of features wants (N, " + std::to_string(channels) + "), got " + to_string(s),
                  "BatchNormRows::out_shape", "give it the number of features of the layer before it");
    return s;
  }
  constexpr Index param_count() const { return norm().param_count(); }
  constexpr Index state_count() const { return norm().state_count(); }
  constexpr Index keep(Shape s) const { return norm().keep(as_map(s)); }
  constexpr Index scratch(Shape) const { return 0; }
  constexpr Index macs(Shape) const { return 0; }
  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const { norm().describe_params(at, list); }

  template <class B>
  void forward(B& backend, Forward<typename B::Scalar> f) const {
    f.x.shape = f.y.shape = as_map(f.x.shape);
    norm().forward(backend, f);
  }
  template <class B>
  void backward(B& backend, Backward<typename B::Scalar> g) const {
    g.x.shape = g.y.shape = g.dy.shape = g.dx.shape = as_map(g.x.shape);
    norm().backward(backend, g);
  }

 private:
  constexpr NormReluPool norm() const { return batch_norm(channels); }
  static constexpr Shape as_map(Shape s) { return {s[0], 1, 1, s[1]}; }
};

}  // namespace sseg

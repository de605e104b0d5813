#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// Batch norm, then optionally ReLU and a pool×pool max pool, fused: y = maxpool(act(γ·x̂ + β)),
/// x̂ = (x − μ)/√(σ² + eps) per channel (Ioffe & Szegedy 2015).   x:(N,H,W,C)  y:(N,H/pool,W/pool,C)
/// Training: μ, σ² of the batch (biased); the running statistics become (1−momentum)·old + momentum·new, with the
/// unbiased variance, as PyTorch does. Evaluation: the running statistics. State: mean (C), variance (C).
/// Keeps scale, shift, mean, 1/std (4·C) for backward. Throws: Error when the channels differ.
struct NormReluPool {
  static constexpr std::string_view name = "norm_relu_pool";
  static constexpr int in_rank = 4, out_rank = 4;
  Index channels = 0;
  Index pool = 1;
  bool relu = true;
  float gamma_init = 1.f;  ///< 0 lets a residual branch start as nothing
  float eps = 1e-5f;
  float momentum = 0.1f;
  bool operator==(const NormReluPool&) const = default;

  constexpr Shape out_shape(Shape s) const {
    if (s.rank != 4 || s[3] != channels)
      throw Error("batch norm wants (N, H, W, " + std::to_string(channels) + "), got " + to_string(s),
                  "NormReluPool::out_shape", "give it the channel count of the layer before it");
    if (s[1] < pool || s[2] < pool)
      throw Error("pooling by " + std::to_string(pool) + " leaves nothing of the image " + to_string(s),
                  "NormReluPool::out_shape", "pool less often or use larger images");
    return {s[0], s[1] / pool, s[2] / pool, channels};
  }
  constexpr Index param_count() const { return 2 * channels; }
  constexpr Index state_count() const { return 2 * channels; }
  constexpr Index keep(Shape) const { return 4 * channels; }
  constexpr Index scratch(Shape) const { return 0; }
  constexpr Index macs(Shape) const { return 0; }

  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const {
    list.push_back({.key = at + "/gamma", .shape = {channels}, .init = {Init::Kind::constant, gamma_init}});
    list.push_back({.key = at + "/beta", .shape = {channels}});
    list.push_back({.key = at + "/running_mean", .shape = {channels}, .role = Role::state});
    list.push_back(
        {.key = at + "/running_var", .shape = {channels}, .init = {Init::Kind::constant, 1.f}, .role = Role::state});
  }

  template <class B, class Map>
  void forward(B& backend, const Forward<typename B::Scalar, Map>& f) const {
    using T = typename B::Scalar;
    if (f.mode == Mode::train) {
      forward_after(backend, f, [&](T* mean, T* var) {
        measure(backend, f, mean, var);
        return false;
      });
    } else {
      fold_running(backend, f);
      dispatch(backend, forward_op(f));
    }
  }
  template <class B, class Map>
  void backward(B& backend, const Backward<typename B::Scalar, Map>& g) const {
    dispatch(backend, backward_op(g));
  }

  /// Training's forward pass with the batch's moments from measure(mean, var), which may write x first. It returns
  /// whether it has pooled already, and y holds what is to be normalised.
  template <class B, class Map, class Measure>
  void forward_after(B& backend, const Forward<typename B::Scalar, Map>& f, Measure&& measure) const {
    using T = typename B::Scalar;
    const Kept<T> k = kept(f.keep.data());
    T* const var = k.inv_std;  // until it is folded
    const bool pooled = measure(k.mean, var);
    if (!f.state_next.empty())
      dispatch(backend, RunningUpdate<T>{channels, rows(f.x.shape), static_cast<T>(momentum), k.mean, var,
                                         f.state.data(), f.state_next.data()});
    fold(backend, f, k);
    NormReluPoolForward<T, Map> op = forward_op(f);
    if (pooled) {
      op.g = {.n = op.g.n, .h = op.g.out_h(), .w = op.g.out_w(), .c = channels, .pool = 1, .relu = relu};
      op.x = op.y;
    }
    dispatch(backend, op);
  }
  /// The same with pooling, into y, by the signs of gamma.
  template <class T, class Map>
  Conv2dMoments<T, Map> with_pool(Conv2dMoments<T, Map> op, const Forward<T, Map>& f) const {
    op.pool = pool;
    op.sign = f.w.data();
    op.extreme = f.y.data;
    return op;
  }
  /// The batch's moments.
  template <class B, class Map>
  void measure(B& backend, const Forward<typename B::Scalar, Map>& f, typename B::Scalar* mean,
               typename B::Scalar* var) const {
    dispatch(backend, ColumnMoments<typename B::Scalar, Map>{rows(f.x.shape), channels, f.x.data, mean, var});
  }
  /// Scale and shift of evaluation, into what is kept.
  template <class B, class Map>
  void fold_running(B& backend, const Forward<typename B::Scalar, Map>& f) const {
    using T = typename B::Scalar;
    const Kept<T> k = kept(f.keep.data());
    dispatch(backend, Copy<T>{2 * channels, f.state.data(), k.mean});
    fold(backend, f, k);
  }

  template <class T, class Map>
  NormReluPoolForward<T, Map> forward_op(const Forward<T, Map>& f) const {
    const Kept<T> k = kept(f.keep.data());
    return {geometry(f.x.shape), f.x.data, k.scale, k.shift, f.y.data};
  }
  template <class T, class Map>
  NormReluPoolBackward<T, Map> backward_op(const Backward<T, Map>& g) const {
    const Kept<T> k = kept(g.keep.data());
    return {geometry(g.x.shape),
            g.x.data,
            k.mean,
            k.inv_std,
            k.scale,
            k.shift,
            g.dy.data,
            g.dx.data,
            g.dw.data(),
            g.dw.data() + channels,
            g.mode == Mode::train,
            g.y.data};
  }
  constexpr NormGeometry geometry(Shape s) const {
    return {.n = s[0], .h = s[1], .w = s[2], .c = channels, .pool = pool, .relu = relu};
  }

 private:
  template <class T>
  struct Kept {
    T *scale, *shift, *mean, *inv_std;
  };
  template <class T>
  Kept<T> kept(T* at) const {
    return {at, at + channels, at + 2 * channels, at + 3 * channels};
  }
  static constexpr Index rows(Shape s) { return s[0] * s[1] * s[2]; }
  template <class B, class T, class Map>
  void fold(B& backend, const Forward<T, Map>& f, const Kept<T>& k) const {
    dispatch(backend, NormFold<T>{channels, static_cast<T>(eps), f.w.data(), f.w.data() + channels, k.mean, k.inv_std,
                                  k.inv_std, k.scale, k.shift});
  }
};

}  // namespace sseg

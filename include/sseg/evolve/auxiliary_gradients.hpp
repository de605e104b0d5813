#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sseg/evolve/auxiliary_gradient.hpp"
#include "sseg/evolve/learner.hpp"

namespace sseg {

/// GradMax's matrices of every stage of a backbone, from a batch x:(N,H,W,C) and the loss's gradient in its features
/// (N,D): forward and backward in training mode, unit by unit, so that the gradient at each convolution's output is at
/// hand. Nothing in the store changes. Heads are outside: what they read of the last stage is added by the caller,
/// `of_stage(last).add(entry, width, dz)`, after each `add`; without it a last stage without residual blocks has no
/// matrix. Batches add up. Not for every step: it keeps its own activations. Tensors lie where the backend's arrays do,
/// the matrices on the host.
template <class T>
class AuxiliaryGradients {
 public:
  template <class B, class Readout>
  void add(B& backend, const EvolvableCnn<Readout>& cnn, const ParamStore<T>& store, View<const T> x,
           View<const T> d_features) {
    stages_.resize(stages(cnn).slots.size());
    list_units(cnn, store);
    for (Unit& u : units_) {
      if (!u.block) stages_[u.stage].read(backend, u.conv, u.norm.pool, x);
      x = forward(backend, u, store, x);
    }
    View<const T> d = through_readout(backend, std::get<1>(cnn.layers), x, d_features);
    for (std::size_t i = units_.size(); i-- > 0;) {
      Unit& u = units_[i];
      const View<const T> dz = before_norm(backend, u, store, d);
      if (u.block || u.stage > 0) stages_[u.block ? u.stage : u.stage - 1].add(backend, u.conv, dz);
      if (i > 0) d = before_conv(backend, u, store, dz);
    }
  }

  AuxiliaryGradient<T>& of_stage(Index stage) { return stages_.at(to_size(stage)); }
  template <class F>
  void each_sum(F&& f) {
    for (auto& s : stages_) s.each_sum(f);
  }
  /// Gives back the space for tensors.
  void drop_tensors() {
    units_.clear();
    d_map_ = {};
    for (auto& s : stages_) s.drop_tensors();
  }
  /// One a stage, its gradient null where nothing was added: for Signals::auxiliary, valid until the next `add`.
  std::vector<AuxiliaryView> views() {
    std::vector<AuxiliaryView> all;
    for (auto& s : stages_) all.push_back(s.view());
    return all;
  }

 private:
  /// A convolution and its norm: a stage's entry, or the branch of a residual block.
  struct Unit {
    std::size_t stage = 0;
    bool block = false;
    Conv2d conv;
    NormReluPool norm;
    Index w = 0, gamma = 0;  ///< where the parameters lie
    View<const T> x{};
    Shape map{};                           ///< of z
    Buffer<T> z{}, branch{}, y{}, keep{};  ///< conv(x), norm(z), the unit's output
    Buffer<T> d_branch{}, dz{}, dx{};
  };

  template <class Readout>
  void list_units(const EvolvableCnn<Readout>& cnn, const ParamStore<T>& store) {
    units_.clear();
    const auto put = [&](std::size_t stage, bool block, const Conv2d& conv, const NormReluPool& norm,
                         const std::string& at) {
      units_.push_back({stage, block, conv, norm, store.at(at + "/0/weight").offset, store.at(at + "/1/gamma").offset});
    };
    for (std::size_t s = 0; s < stages(cnn).slots.size(); ++s) {
      const auto& slot = stages(cnn).slots[s];
      put(s, false, entry_conv(slot.block), entry_norm(slot.block), stage_key(slot.id) + "/0");
      for (const auto& b : residuals(slot.block).slots) {
        ResidualBlock copy = b.block;
        put(s, true, conv_of(copy), norm_of(copy), residual_key(slot.id, b.id) + "/0");
      }
    }
  }
  static std::span<const T> params(const ParamStore<T>& store, Index at, Index count) {
    return store.value.span().subspan(to_size(at), to_size(count));
  }

  template <class B>
  View<const T> forward(B& backend, Unit& u, const ParamStore<T>& store, View<const T> x) {
    u.x = x;
    u.map = u.conv.out_shape(x.shape);
    const Shape out = u.norm.out_shape(u.map);
    reserve_for(backend, u.z, u.map.count());
    reserve_for(backend, u.branch, out.count());
    reserve_for(backend, u.y, out.count());
    reserve_for(backend, u.keep, u.norm.keep(u.map));
    u.conv.forward(backend,
                   Forward<T>{x, {u.z.data(), u.map}, params(store, u.w, u.conv.param_count()), {}, {}, {}, {}});
    u.norm.forward(backend, Forward<T>{{u.z.data(), u.map},
                                       {u.branch.data(), out},
                                       params(store, u.gamma, u.norm.param_count()),
                                       {},
                                       {},
                                       u.keep.span(),
                                       {}});
    if (!u.block) return {u.branch.data(), out};
    dispatch(backend, Add<T>{out.count(), x.data, u.branch.data(), u.y.data()});
    dispatch(backend, ReluForward<T>{out.count(), u.y.data(), u.y.data()});
    return {u.y.data(), out};
  }

  template <class B, class Readout>
  View<const T> through_readout(B& backend, const Readout& readout, View<const T> map, View<const T> d_features) {
    require(d_features.shape == readout.out_shape(map.shape), "this gradient is not of the backbone's features",
            "AuxiliaryGradients", "give one row an image, of the same batch");
    Buffer<T> features, keep, scratch;
    reserve_for(backend, features, d_features.shape.count());
    reserve_for(backend, keep, readout.keep(map.shape));
    reserve_for(backend, scratch, readout.scratch(map.shape));
    reserve_for(backend, d_map_, map.shape.count());
    const View<T> y{features.data(), d_features.shape};
    readout.forward(backend, Forward<T>{map, y, {}, {}, {}, keep.span(), scratch.span()});
    readout.backward(
        backend, Backward<T>{map, y, d_features, {d_map_.data(), map.shape}, {}, {}, {}, keep.span(), scratch.span()});
    return {d_map_.data(), map.shape};
  }

  /// From the gradient at the unit's output to that at its convolution's output.
  template <class B>
  View<const T> before_norm(B& backend, Unit& u, const ParamStore<T>& store, View<const T> dy) {
    const Index count = dy.shape.count();
    reserve_for(backend, u.d_branch, count);
    reserve_for(backend, u.dz, u.map.count());
    d_params_.lie_in(memory_of(backend));
    d_params_.resize(u.norm.param_count());
    if (u.block)
      dispatch(backend, ReluBackward<T>{count, u.y.data(), dy.data, u.d_branch.data()});
    else
      dispatch(backend, Copy<T>{count, dy.data, u.d_branch.data()});
    u.norm.backward(backend, Backward<T>{{u.z.data(), u.map},
                                         {u.branch.data(), dy.shape},
                                         {u.d_branch.data(), dy.shape},
                                         {u.dz.data(), u.map},
                                         params(store, u.gamma, u.norm.param_count()),
                                         d_params_.span(),
                                         {},
                                         u.keep.span(),
                                         {}});
    return {u.dz.data(), u.map};
  }
  /// And on to the gradient at its input; a block's input goes around the branch too.
  template <class B>
  View<const T> before_conv(B& backend, Unit& u, const ParamStore<T>& store, View<const T> dz) {
    reserve_for(backend, u.dx, u.x.shape.count());
    dispatch(backend,
             Conv2dBackwardData<T>{u.conv.geometry(u.x.shape), dz.data, store.value.data() + u.w, u.dx.data()});
    if (u.block) dispatch(backend, Add<T>{u.x.shape.count(), u.dx.data(), u.d_branch.data(), u.dx.data()});
    return {u.dx.data(), u.x.shape};
  }

  std::vector<AuxiliaryGradient<T>> stages_;
  std::vector<Unit> units_;
  Buffer<T> d_map_, d_params_;
};

}  // namespace sseg

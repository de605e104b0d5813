#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/core/error.hpp"
#include "sseg/nase/masks.hpp"
#include "sseg/nase/router_config.hpp"
#include "sseg/net/param_store.hpp"

namespace sseg {

/// One path through a net as a store of its own: θ⊙M of the dense store's θ, a gradient of its own, and running
/// statistics of its own, for a path's activations are distributed otherwise than the dense net's (SDCLR, Jiang et al.
/// 2021, keeps a batch norm a branch likewise). Any net that runs on the dense store runs on `store()`.
template <class T>
class RoutedStore {
 public:
  explicit RoutedStore(Path path = Path::positive) : path_(path) {}

  /// value = θ⊙M, gradient = 0. The statistics stay what the path's own training made them; they start as a copy of the
  /// dense ones, after a mutation where their shape is new. Those of channels that are off the path follow the dense
  /// ones, so that a channel that comes back has some to start with. Allocates only where the layout is new.
  /// Throws: Error when the masks belong to another layout.
  void load(const ParamStore<T>& dense, const Masks& masks) {
    check(dense, masks);
    if (!same_layout(dense)) lay_out(dense);
    const auto bit = static_cast<std::uint8_t>(path_);
    for (Index i = 0; i < dense.value.size(); ++i) store_.value[i] = (masks.paths[i] & bit) ? dense.value[i] : T{};
    store_.zero_grad();
    for (const Statistic& s : statistics_)
      for (Index c = 0; c < s.count; ++c)
        if (!masks.on(path_, s.gamma + c)) store_.state[s.state + c] = dense.state[s.state + c];
  }

  /// dense.grad += weight·(M⊙gradient), or weight·gradient with Straight::dense, which also tells removed weights what
  /// they would be good for. (A removed channel gets none either way: behind γ = 0 its gradient is 0. Only the dense
  /// net's own loss can bring it back.) Requires: `dense` and `masks` as they were loaded.
  void add_gradient(ParamStore<T>& dense, const Masks& masks, T weight, Straight straight = Straight::masked) const {
    check(dense, masks);
    check_loaded(dense);
    const auto bit = bits(straight);
    for (Index i = 0; i < dense.grad.size(); ++i)
      dense.grad[i] += (masks.paths[i] & bit) ? weight * store_.grad[i] : T{};
  }

  /// `load` and `add_gradient` where the dense store lies where the backend's arrays do. Masks stay on the host; a path
  /// away from it has a copy of them that is renewed when they change.
  template <class B>
  void load(B& backend, const ParamStore<T>& dense, const Masks& masks) {
    if constexpr (HasMemory<B>) {
      check(dense, masks);
      if (!same_layout(dense)) lay_out_away(dense);
      place(backend.memory());
      follow(masks, backend.memory());
      dispatch(backend,
               MaskedCopy<T>{dense.value.size(), there_.data(), path_bits(), dense.value.data(), store_.value.data()});
      store_.zero_grad();
      for (const Statistic& s : statistics_)
        dispatch(backend, MaskedRefill<T>{s.count, there_.data() + s.gamma, path_bits(), dense.state.data() + s.state,
                                          store_.state.data() + s.state});
    } else {
      load(dense, masks);
    }
  }
  template <class B>
  void add_gradient(B& backend, ParamStore<T>& dense, const Masks& masks, T weight,
                    Straight straight = Straight::masked) const {
    if constexpr (HasMemory<B>) {
      check(dense, masks);
      check_loaded(dense);
      dispatch(backend, MaskedAdd<T>{dense.grad.size(), there_.data(), bits(straight), weight, store_.grad.data(),
                                     dense.grad.data()});
    } else {
      add_gradient(dense, masks, weight, straight);
    }
  }
  /// All that the path holds to where a backend's arrays lie, or to the host (null).
  void place(const std::shared_ptr<Memory>& memory) {
    store_.move_to(memory);
    if (memory == nullptr) there_.lie_in(nullptr);
  }

  Path path() const { return path_; }
  ParamStore<T>& store() { return store_; }
  const ParamStore<T>& store() const { return store_; }

 private:
  /// A running statistic and the γ of its norm.
  struct Statistic {
    Index state = 0, gamma = 0, count = 0;
  };

  std::uint8_t path_bits() const { return static_cast<std::uint8_t>(path_); }
  /// On which masks a gradient reaches the dense store.
  std::uint8_t bits(Straight straight) const { return straight == Straight::dense ? Masks::both : path_bits(); }
  void check_loaded(const ParamStore<T>& dense) const {
    require(store_.grad.size() == dense.grad.size(), "this path was loaded from another net",
            "RoutedStore::add_gradient", "load it first");
  }
  static void check(const ParamStore<T>& dense, const Masks& masks) {
    require(masks.paths.size() == dense.value.size(), "the masks belong to another net", "RoutedStore",
            "update the router after every mutation, before the paths are loaded");
  }
  bool same_layout(const ParamStore<T>& dense) const {
    return std::equal(store_.entries.begin(), store_.entries.end(), dense.entries.begin(), dense.entries.end(),
                      [](const auto& a, const auto& b) { return a.offset == b.offset && a.desc == b.desc; });
  }

  /// Layouts are made on the host.
  void lay_out_away(const ParamStore<T>& dense) {
    ParamStore<T> here;
    here.entries = dense.entries;
    here.value.resize(dense.value.size());
    here.state = dense.state;
    here.state.move_to(nullptr);
    place(nullptr);
    lay_out(here);
  }
  void follow(const Masks& masks, const std::shared_ptr<Memory>& memory) {
    if (there_.memory() == memory && there_.size() > 0 && masks == known_) return;
    known_ = masks;
    there_.lie_in(memory);
    there_.reserve_at_least(masks.paths.size());
    there_.upload(masks.paths.span());
  }

  void lay_out(const ParamStore<T>& dense) {
    ParamStore<T> fresh;
    for (const auto& e : dense.entries) fresh.entries.push_back({e.desc, e.offset, 0, {}, {}});
    fresh.value.resize(dense.value.size());
    fresh.grad.resize(dense.value.size());
    fresh.state = dense.state;
    statistics_.clear();
    for (const auto& e : fresh.entries) {
      if (e.is_param()) continue;
      const auto* before = store_.find(e.desc.key);
      if (before != nullptr && before->desc.shape == e.desc.shape)
        std::copy_n(std::as_const(store_).values(*before).data(), e.count(), fresh.values(e).data());
      const auto* gamma = fresh.find(e.desc.key.substr(0, e.desc.key.rfind('/')) + "/gamma");
      if (gamma != nullptr && gamma->count() == e.count()) statistics_.push_back({e.offset, gamma->offset, e.count()});
    }
    store_ = std::move(fresh);
  }

  Path path_;
  ParamStore<T> store_;
  std::vector<Statistic> statistics_;
  Masks known_;  ///< what `there_` holds, away from the host
  Buffer<std::uint8_t> there_;
};

}  // namespace sseg

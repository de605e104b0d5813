#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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
    require(store_.grad.size() == dense.grad.size(), "this path was loaded from another net",
            "RoutedStore::add_gradient", "load it first");
    const auto bit = static_cast<std::uint8_t>(straight == Straight::dense ? Masks::both : path_bits());
    for (Index i = 0; i < dense.grad.size(); ++i)
      dense.grad[i] += (masks.paths[i] & bit) ? weight * store_.grad[i] : T{};
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
  static void check(const ParamStore<T>& dense, const Masks& masks) {
    require(masks.paths.size() == dense.value.size(), "the masks belong to another net", "RoutedStore",
            "update the router after every mutation, before the paths are loaded");
  }
  bool same_layout(const ParamStore<T>& dense) const {
    return std::equal(store_.entries.begin(), store_.entries.end(), dense.entries.begin(), dense.entries.end(),
                      [](const auto& a, const auto& b) { return a.offset == b.offset && a.desc == b.desc; });
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
};

}  // namespace sseg

#pragma once
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "sseg/evolve/learner.hpp"

namespace sseg {

/// First-order Taylor importance of each stage (Molchanov et al. 2019, weight form): the sum of (g·w)² over the stage's
/// trained weights, as a running average over steps. It estimates what the loss would lose with the stage.
class TaylorSensitivity {
 public:
  TaylorSensitivity() = default;
  explicit TaylorSensitivity(double momentum) : momentum_(momentum) {}

  /// Call after backward, before the optimizer.
  template <class Readout, class Head, class T>
  void observe(const Learner<Readout, Head>& net, const ParamStore<T>& store) {
    const auto& list = stages(backbone(net));
    align(list);
    for (std::size_t s = 0; s < list.slots.size(); ++s)
      average_[s] = momentum_ * average_[s] + (1 - momentum_) * stage_score(store, prefix_[s]);
  }

  /// One value a stage, in order. Empty before the first `observe`.
  std::span<const double> values() const { return average_; }
  void restore(std::vector<double> values) { average_ = std::move(values); }

 private:
  void align(const Stack<Stage>& list) {
    if (prefix_.size() == list.slots.size()) return;
    prefix_.clear();
    for (const auto& slot : list.slots) prefix_.push_back(stage_key(slot.id) + "/");
    average_.resize(list.slots.size(), 0.0);
  }
  template <class T>
  static double stage_score(const ParamStore<T>& store, const std::string& prefix) {
    double sum = 0;
    for (const auto& e : store.entries) {
      if (!e.is_param() || !e.desc.key.starts_with(prefix)) continue;
      const T* w = store.value.data() + e.offset;
      const T* g = store.grad.data() + e.offset;
      T part{};
      for (Index i = 0; i < e.count(); ++i) part += (g[i] * w[i]) * (g[i] * w[i]);
      sum += static_cast<double>(part);
    }
    return sum;
  }

  double momentum_ = 0.9;
  std::vector<std::string> prefix_;
  std::vector<double> average_;
};

}  // namespace sseg

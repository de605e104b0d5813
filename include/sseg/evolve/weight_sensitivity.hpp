#pragma once
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/evolve/stage_scores.hpp"

namespace sseg {

/// A sensitivity that adds up over single weights: a channel's score is the sum of Score(g, w) over its filters in the
/// stage's entry and residual convolutions and over its γ and β; a stage's is the sum over its channels.
/// `Score` is a stateless type with `name` and a static `of(g, w)`.
template <class Score>
class WeightSensitivity {
 public:
  static constexpr std::string_view name = Score::name;
  explicit WeightSensitivity(double momentum = 0.9) : scores_(momentum) {}

  /// Call after backward, before the optimizer. Allocates only where the net's layout is new.
  template <class Readout, class Head, class T>
  void observe(const Learner<Readout, Head>& net, const ParamStore<T>& store) {
    scores_.observe(stages(backbone(net)), [&](std::string_view prefix, std::span<double> channels) {
      double sum = 0;
      for (const auto& e : store.entries)
        if (e.is_param() && std::string_view(e.desc.key).starts_with(prefix)) add(store, e, channels);
      for (const double c : channels) sum += c;
      return sum;
    });
  }
  /// After a mutation: the values of the new layout.
  template <class Readout, class Head>
  void align(const Learner<Readout, Head>& net) {
    scores_.align(stages(backbone(net)));
  }

  std::span<const double> values() const { return scores_.values(); }
  std::span<const double> channels(Index stage) const { return scores_.channels(stage); }
  StageScoresRecord record() const { return scores_.record(); }
  void restore(std::vector<double> values) { scores_.restore(std::move(values)); }
  void restore(const StageScoresRecord& r) { scores_.restore(r); }

 private:
  /// The stream channel is every tensor's last axis.
  template <class T>
  static void add(const ParamStore<T>& store, const typename ParamStore<T>::Entry& e, std::span<double> channels) {
    const T* w = store.value.data() + e.offset;
    const T* g = store.grad.data() + e.offset;
    const auto width = static_cast<Index>(channels.size());
    for (Index i = 0; i < e.count(); i += width)
      for (Index c = 0; c < width; ++c) channels[to_size(c)] += static_cast<double>(Score::of(g[i + c], w[i + c]));
  }

  StageScores scores_;
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/evolve/stage_scores.hpp"
#include "sseg/nase/masks.hpp"
#include "sseg/nase/prunable.hpp"

namespace sseg {

/// The share of a stage's kernel weights among the most important ones of the whole backbone, as a running average over
/// steps; of a channel, the share of its filters' weights. A stage that keeps nearly all has no capacity to spare, one
/// that keeps little need not grow. Importance is (g·w)² (Molchanov et al. 2019), and the share `keep` of all weights
/// counts as important, equals of the last one too; where the run routes, its positive path says which weights do.
class KeepRatioSensitivity {
 public:
  static constexpr std::string_view name = "keep_ratio";
  /// Throws: Error when the share is not in (0, 1].
  explicit KeepRatioSensitivity(double keep = 0.5, double momentum = 0.9) : keep_(keep), scores_(momentum) {
    require(keep > 0 && keep <= 1, "the share to keep is out of range", "KeepRatioSensitivity",
            "give more than 0, and at most 1");
  }

  /// Call after backward, before the optimizer. Allocates only where the net's layout is new.
  template <class Readout, class Head, class T>
  void observe(const Learner<Readout, Head>& net, const ParamStore<T>& store) {
    const auto score = [&](Index i) {
      const double product = static_cast<double>(store.grad[i]) * static_cast<double>(store.value[i]);
      return product * product;
    };
    sorted_.clear();
    for (const auto& e : store.entries)
      if (is_prunable<T>(e, prefix))
        for (Index i = e.offset; i < e.offset + e.count(); ++i) sorted_.push_back(score(i));
    if (sorted_.empty()) return;
    const double place = keep_ * static_cast<double>(sorted_.size());
    const auto last = sorted_.begin() + std::max<Index>(static_cast<Index>(place), 1) - 1;
    std::nth_element(sorted_.begin(), last, sorted_.end(), std::greater<>());
    const double least = *last;
    count(net, store, [&](Index i) { return score(i) >= least; });
  }
  /// The same with a router's masks.
  template <class Readout, class Head, class T>
  void observe(const Learner<Readout, Head>& net, const ParamStore<T>& store, const Masks& masks) {
    require(masks.paths.size() == store.value.size(), "these masks belong to another net", "KeepRatioSensitivity",
            "observe before the next mutation, or align the router first");
    count(net, store, [&](Index i) { return masks.on(Path::positive, i); });
  }
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
  static constexpr std::string_view prefix = "net/0/";

  template <class Net, class T, class Kept>
  void count(const Net& net, const ParamStore<T>& store, Kept&& kept) {
    scores_.observe(stages(backbone(net)), [&](std::string_view stage, std::span<double> channels) {
      const auto width = static_cast<Index>(channels.size());
      double hits = 0, weights = 0;
      for (const auto& e : store.entries) {
        if (!is_prunable<T>(e, prefix) || !std::string_view(e.desc.key).starts_with(stage)) continue;
        for (Index i = 0; i < e.count(); ++i)
          if (kept(e.offset + i)) channels[to_size(i % width)] += 1;
        weights += static_cast<double>(e.count());
      }
      for (double& c : channels) {
        hits += c;
        c *= static_cast<double>(width) / weights;
      }
      return hits / weights;
    });
  }

  double keep_;
  StageScores scores_;
  std::vector<double> sorted_;
};

}  // namespace sseg

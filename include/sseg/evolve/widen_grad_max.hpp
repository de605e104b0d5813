#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/concepts/mutation.hpp"
#include "sseg/core/error.hpp"
#include "sseg/evolve/pick.hpp"
#include "sseg/evolve/steepest_filters.hpp"
#include "sseg/evolve/stream_tensors.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// WIDEN by the filters that the loss asks for (after GradMax, Evci et al. 2022). The paper sets incoming weights to 0
/// and draws outgoing ones from the singular vectors of A; before a batch norm an incoming 0 makes a channel of
/// variance 0, whose gradient is multiplied by 1/√eps and then stopped by the ReLU. So the roles are changed: outgoing
/// weights are 0, which keeps the function in training and evaluation mode, and incoming filters are those for which
/// the gradient of the outgoing weights, the first to train, is largest. Since the norm brings every channel to one
/// variance, the measure of a filter is the variance of its output: ‖A·w‖ is maximised under wᵀC·w = 1, not under ‖w‖ =
/// 1 as in the paper (steepest_filters.hpp). (A knows nothing of ReLU and maximum, so this is the optimum up to these.
/// The paper's constraint gave no larger gradients than random filters here.) New channels beyond the directions that A
/// has stay random. Proposes only for stages of which `Signals::auxiliary` tells.
struct WidenGradMax {
  static constexpr std::string_view name = "widen_grad_max";
  static constexpr bool keeps_function = true;
  static constexpr bool needs_auxiliary = true;  ///< whoever trains gives Signals::auxiliary
  struct Edit {
    Index stage = 0;             ///< position in the stack
    Index channels = 0;          ///< width from now on
    std::vector<float> filters;  ///< the first new channels' filters, (kernel, kernel, in, as many as there are)
    bool operator==(const Edit&) const = default;
  };
  float factor = 1.5f;
  Index max_channels = 256;
  float gamma = 0.1f;  ///< of new channels at the stage's entry, as of Widen
  bool operator==(const WidenGradMax&) const = default;

  template <class Readout, class Head>
  std::optional<Edit> propose(const Learner<Readout, Head>& net, const Signals& s, Rng& rng) const {
    const auto& list = stages(backbone(net));
    const auto wider = [&](Index i) { return wider_by(width(list[i]), factor, max_channels); };
    const auto stage = most_sensitive(
        list.size(), s, rng, [&](Index i) { return wider(i) > width(list[i]) && matrices(list[i], i, s).gradient; });
    if (!stage) return {};
    return settle(net, Edit{*stage, wider(*stage), {}}, s, rng);
  }
  template <class Readout, class Head>
  std::vector<Edit> candidates(const Learner<Readout, Head>& net, const Signals& s) const {
    std::vector<Edit> all;
    each_wider(net, max_channels, [&](Index stage, Index channels) {
      if (matrices(stages(backbone(net))[stage], stage, s).gradient) all.push_back({stage, channels, {}});
    });
    return all;
  }
  /// Finds the filters.
  template <class Readout, class Head>
  Edit settle(const Learner<Readout, Head>& net, Edit e, const Signals& s, Rng&) const {
    const Stage& stage = stages(backbone(net))[e.stage];
    const AuxiliaryView a = matrices(stage, e.stage, s);
    require(static_cast<bool>(a.gradient), "there is no auxiliary gradient for this stage", "WidenGradMax",
            "compute it with AuxiliaryGradient and give it in Signals::auxiliary");
    const Index size = filter_size(stage), found = std::min(e.channels - width(stage), size);
    const auto filters = steepest_filters(a.gradient, a.covariance, found);
    e.filters.resize(filters.size());
    for (Index c = 0; c < found; ++c)
      for (Index p = 0; p < size; ++p)
        e.filters[to_size(p * found + c)] = static_cast<float>(filters[to_size(c * size + p)]);
    return e;
  }

  template <class Readout, class Head>
  Learner<Readout, Head> apply(Learner<Readout, Head> net, const Edit& e) const {
    return with_width(std::move(net), e.stage, e.channels);
  }
  template <class Readout, class Head>
  std::string place(const Learner<Readout, Head>& net, const Edit& e) const {
    return widening_in_words(net, e.stage, e.channels);
  }

  /// Throws: Error when the filters do not fit the stage.
  template <class Readout, class Head, class T>
  void carry(const Learner<Readout, Head>& net, const Edit& e, const ParamStore<T>& old, ParamStore<T>& fresh) const {
    Widen{.factor = factor, .max_channels = max_channels, .gamma = gamma}.carry(net, {e.stage, e.channels}, old, fresh);
    const auto& slot = stages(backbone(net)).slots[to_size(e.stage)];
    const Index before = width(slot.block), size = filter_size(slot.block);
    const Index found = static_cast<Index>(e.filters.size()) / size;
    require(static_cast<Index>(e.filters.size()) == found * size && found <= e.channels - before,
            "the filters do not fit the new channels", "WidenGradMax", "let `propose` or `settle` find them");
    const auto w = fresh.values(fresh.at(stage_key(slot.id) + "/0/0/weight"));
    for (Index p = 0; p < size; ++p)
      for (Index c = 0; c < found; ++c)
        w[to_size(p * e.channels + before + c)] = static_cast<T>(e.filters[to_size(p * found + c)]);
  }

 private:
  static Index filter_size(const Stage& s) { return entry_conv(s).kernel * entry_conv(s).kernel * entry_conv(s).in; }
  /// The stage's matrices, or null views. Throws: Error for those of another stage.
  static AuxiliaryView matrices(const Stage& stage, Index at, const Signals& s) {
    if (to_size(at) >= s.auxiliary.size() || !s.auxiliary[to_size(at)].gradient) return {};
    const AuxiliaryView a = s.auxiliary[to_size(at)];
    const Index size = filter_size(stage);
    require(a.gradient.shape.rank == 2 && a.gradient.shape[1] == size && a.covariance.shape == Shape({size, size}),
            "these matrices are of another stage", "WidenGradMax", "give one pair a stage, in the order of the stack");
    return a;
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::WidenGradMax, factor, max_channels, gamma);
SSEG_FIELDS(sseg::WidenGradMax::Edit, stage, channels, filters);

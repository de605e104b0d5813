#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/concepts/mutation.hpp"
#include "sseg/core/error.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/evolve/pick.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// GROW: a residual block at the end of the most sensitive stage, its last norm with gamma 0. It follows a ReLU, so
/// relu(x + 0) = x: the function is kept exactly, in training and evaluation mode. Never past `max_blocks` blocks.
struct Grow {
  static constexpr std::string_view name = "grow";
  static constexpr bool keeps_function = true;
  struct Edit {
    Index stage = 0;  ///< position in the stack
    bool operator==(const Edit&) const = default;
  };
  Index max_blocks = 6;
  bool operator==(const Grow&) const = default;

  template <class Readout, class Head>
  std::optional<Edit> propose(const Learner<Readout, Head>& net, const Signals& s, Rng& rng) const {
    if (block_count(backbone(net)) >= max_blocks) return {};
    const auto& list = stages(backbone(net));
    const auto stage = most_sensitive(list.size(), s, rng, [](Index) { return true; });
    if (!stage) return {};
    return Edit{*stage};
  }
  template <class Readout, class Head>
  std::vector<Edit> candidates(const Learner<Readout, Head>& net, const Signals&) const {
    std::vector<Edit> all;
    if (block_count(backbone(net)) < max_blocks)
      for (Index s = 0; s < stages(backbone(net)).size(); ++s) all.push_back({s});
    return all;
  }
  template <class Readout, class Head>
  Learner<Readout, Head> apply(Learner<Readout, Head> net, const Edit& e) const {
    auto& list = stages(backbone(net));
    require(e.stage >= 0 && e.stage < list.size(), "the net has no such stage", "Grow",
            "count stages from 0, in the order of the stack");
    Stage& stage = list[e.stage];
    residuals(stage).push_back(make_identity_block(width(stage)));
    return net;
  }
  template <class Readout, class Head>
  std::string place(const Learner<Readout, Head>& net, const Edit& e) const {
    const Index blocks = residuals(stages(backbone(net))[e.stage]).size();
    return "stage " + std::to_string(e.stage) + ", residual block " + std::to_string(blocks);
  }
  template <class Readout, class Head, class T>
  void carry(const Learner<Readout, Head>&, const Edit&, const ParamStore<T>&, ParamStore<T>&) const {}
};

}  // namespace sseg

SSEG_FIELDS(sseg::Grow, max_blocks);
SSEG_FIELDS(sseg::Grow::Edit, stage);

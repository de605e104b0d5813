#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/concepts/mutation.hpp"
#include "sseg/core/error.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// A new stage that pools, behind the last one. Nothing can be kept here: the map shrinks and the heads read other
/// features, so their entry weights are drawn anew (their other layers stay) and training has to warm up again. Never
/// past `max_stages` stages, nor to a map of fewer than `min_side` × `min_side` positions.
/// Proposes only where `Signals::image` says what the net reads.
struct AddStage {
  static constexpr std::string_view name = "add_stage";
  static constexpr bool keeps_function = false;
  struct Edit {
    Index stage = 0;     ///< position of the new stage
    Index channels = 0;  ///< its width
    Index pool = 2;
    Index features = 0;  ///< what a head reads from now on
    bool operator==(const Edit&) const = default;
  };
  Index max_stages = 4;
  Index min_side = 2;
  Index pool = 2;
  Index channels = 0;  ///< of the new stage; 0: as many as the stage before it
  bool operator==(const AddStage&) const = default;

  template <class Readout, class Head>
  std::optional<Edit> propose(const Learner<Readout, Head>& net, const Signals& s, Rng&) const {
    const auto& cnn = backbone(net);
    const Index count = stages(cnn).size();
    if (s.image.rank != 4 || count == 0 || count >= max_stages) return {};
    const Shape map = stages(cnn).out_shape(s.image);
    if (std::min(map[1], map[2]) / pool < min_side) return {};
    Edit e{count, channels > 0 ? channels : map[3], pool, 0};
    e.features = with_stage(cnn, e).out_shape(s.image)[1];
    return e;
  }
  template <class Readout, class Head>
  std::vector<Edit> candidates(const Learner<Readout, Head>& net, const Signals& s) const {
    Rng unused;
    const auto edit = propose(net, s, unused);
    return edit ? std::vector<Edit>{*edit} : std::vector<Edit>{};
  }

  /// Throws: Error when the stage would not be the last.
  template <class Readout, class Head>
  Learner<Readout, Head> apply(Learner<Readout, Head> net, const Edit& e) const {
    require(e.stage == stages(backbone(net)).size() && e.stage > 0 && e.channels > 0 && e.pool > 0 && e.features > 0,
            "a stage is added behind the last one, with positive sizes", "AddStage", "take the edit that it proposed");
    backbone(net) = with_stage(backbone(net), e);
    for_each_entry(head(net), head_key(), [&](Linear& entry, const std::string&) { entry.in = e.features; });
    return net;
  }
  template <class Readout, class Head>
  std::string place(const Learner<Readout, Head>&, const Edit& e) const {
    return "stage " + std::to_string(e.stage) + ", " + std::to_string(e.channels) + " channels, pooling by " +
           std::to_string(e.pool);
  }
  template <class Readout, class Head, class T>
  void carry(const Learner<Readout, Head>&, const Edit&, const ParamStore<T>&, ParamStore<T>&) const {}

 private:
  template <class Readout>
  static EvolvableCnn<Readout> with_stage(EvolvableCnn<Readout> cnn, const Edit& e) {
    auto& list = stages(cnn);
    list.push_back(make_stage(width(list[list.size() - 1]), e.channels, e.pool));
    return cnn;
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::AddStage, max_stages, min_side, pool, channels);
SSEG_FIELDS(sseg::AddStage::Edit, stage, channels, pool, features);

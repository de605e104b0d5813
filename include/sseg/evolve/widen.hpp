#pragma once
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "sseg/concepts/mutation.hpp"
#include "sseg/evolve/carry_resized.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/evolve/pick.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// WIDEN: the most sensitive stage gets `factor` times its channels, at most `max_channels`. New filters are random,
/// the weights out of them into old units are 0, so the function is kept in training and evaluation mode. (Zero
/// incoming weights would make constant channels, whose batch variance 0 lets batch norm multiply gradients by
/// 1/√eps.) In the stage's residual blocks new channels start with gamma 0; the whole stream widens together.
struct Widen {
  static constexpr std::string_view name = "widen";
  static constexpr bool keeps_function = true;
  struct Edit {
    Index stage = 0;     ///< position in the stack
    Index channels = 0;  ///< width from now on
    bool operator==(const Edit&) const = default;
  };
  float factor = 1.5f;
  Index max_channels = 256;
  float gamma = 0.1f;  ///< of new channels at the stage's entry: small, so that features read there change little
  bool operator==(const Widen&) const = default;

  template <class Readout, class Head>
  std::optional<Edit> propose(const Learner<Readout, Head>& net, const Signals& s, Rng& rng) const {
    const auto& list = stages(backbone(net));
    const auto stage =
        most_sensitive(list.size(), s, rng, [&](Index i) { return wider(width(list[i])) > width(list[i]); });
    if (!stage) return {};
    return Edit{*stage, wider(width(list[*stage]))};
  }

  template <class Readout, class Head>
  Learner<Readout, Head> apply(Learner<Readout, Head> net, const Edit& e) const {
    auto& list = stages(backbone(net));
    const Index before = width(list[e.stage]);
    set_width(list[e.stage], e.channels);
    if (e.stage + 1 < list.size())
      entry_conv(list[e.stage + 1]).in = e.channels;
    else
      for_each_entry(head(net), head_key(),
                     [&](Linear& entry, const std::string&) { entry.in = entry.in / before * e.channels; });
    return net;
  }

  template <class Readout, class Head>
  std::string place(const Learner<Readout, Head>& net, const Edit& e) const {
    return "stage " + std::to_string(e.stage) + ", " + std::to_string(width(stages(backbone(net))[e.stage])) + " to " +
           std::to_string(e.channels) + " channels";
  }

  template <class Readout, class Head, class T>
  void carry(const Learner<Readout, Head>& net, const Edit& e, const ParamStore<T>& old, ParamStore<T>& fresh) const {
    const auto& list = stages(backbone(net));
    const auto& slot = list.slots[to_size(e.stage)];
    const Index before = width(slot.block), after = e.channels;
    const auto units = [&](int axis, bool outgoing = false) { return widened_axis(axis, before, after, 1, outgoing); };

    const std::string at = stage_key(slot.id);
    carry_resized(old, fresh, at + "/0/0/weight", {units(3)});
    carry_norm(old, fresh, at + "/0/1", units(0));
    fill_new(fresh, at + "/0/1/gamma", before, static_cast<T>(gamma));
    for (const auto& block : residuals(slot.block).slots) {
      const std::string branch = residual_key(slot.id, block.id) + "/0";
      carry_resized(old, fresh, branch + "/0/weight", {units(2, true), units(3)});
      carry_norm(old, fresh, branch + "/1", units(0));
    }
    if (e.stage + 1 < list.size()) {
      const Index next = list.slots[to_size(e.stage + 1)].id;
      carry_resized(old, fresh, stage_key(next) + "/0/0/weight", {units(2, true)});
    } else {
      Head heads = head(net);
      for_each_entry(heads, head_key(), [&](const Linear& entry, const std::string& key) {
        carry_resized(old, fresh, key + "/weight", {widened_axis(1, before, after, entry.in / before, true)});
      });
    }
  }

 private:
  template <class T>
  static void fill_new(ParamStore<T>& fresh, const std::string& key, Index before, T value) {
    const auto all = fresh.values(fresh.at(key));
    std::fill(all.begin() + before, all.end(), value);
  }
  Index wider(Index channels) const {
    const double wanted = std::ceil(static_cast<double>(factor) * static_cast<double>(channels));
    return static_cast<Index>(std::min(static_cast<double>(max_channels), wanted));
  }
  template <class T>
  static void carry_norm(const ParamStore<T>& old, ParamStore<T>& fresh, const std::string& at,
                         const AxisSource& units) {
    for (const char* part : {"/gamma", "/beta", "/running_mean", "/running_var"})
      carry_resized(old, fresh, at + part, {units});
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::Widen, factor, max_channels, gamma);

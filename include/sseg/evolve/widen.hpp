#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/concepts/mutation.hpp"
#include "sseg/evolve/carry_resized.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/evolve/pick.hpp"
#include "sseg/evolve/stream_tensors.hpp"
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
  std::vector<Edit> candidates(const Learner<Readout, Head>& net, const Signals&) const {
    std::vector<Edit> all;
    each_wider(net, max_channels, [&](Index stage, Index channels) { all.push_back({stage, channels}); });
    return all;
  }

  template <class Readout, class Head>
  Learner<Readout, Head> apply(Learner<Readout, Head> net, const Edit& e) const {
    return with_width(std::move(net), e.stage, e.channels);
  }
  template <class Readout, class Head>
  std::string place(const Learner<Readout, Head>& net, const Edit& e) const {
    return widening_in_words(net, e.stage, e.channels);
  }

  template <class Readout, class Head, class T>
  void carry(const Learner<Readout, Head>& net, const Edit& e, const ParamStore<T>& old, ParamStore<T>& fresh) const {
    const auto& slot = stages(backbone(net)).slots[to_size(e.stage)];
    const Index before = width(slot.block);
    for (const StreamTensor& t : stream_tensors(net, e.stage)) {
      std::vector<AxisSource> axes;
      if (t.read >= 0) axes.push_back(widened_axis(t.read, before, e.channels, t.groups, true));
      if (t.written >= 0) axes.push_back(widened_axis(t.written, before, e.channels));
      carry_resized(old, fresh, t.key, axes);
    }
    const auto all = fresh.values(fresh.at(stage_key(slot.id) + "/0/1/gamma"));
    std::fill(all.begin() + before, all.end(), static_cast<T>(gamma));
  }

 private:
  Index wider(Index channels) const { return wider_by(channels, factor, max_channels); }
};

}  // namespace sseg

SSEG_FIELDS(sseg::Widen, factor, max_channels, gamma);
SSEG_FIELDS(sseg::Widen::Edit, stage, channels);

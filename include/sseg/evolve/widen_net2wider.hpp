#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/concepts/mutation.hpp"
#include "sseg/core/error.hpp"
#include "sseg/evolve/carry_resized.hpp"
#include "sseg/evolve/pick.hpp"
#include "sseg/evolve/stream_tensors.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// WIDEN by copies (Net2WiderNet, Chen et al. 2016): every new channel copies an old one drawn at random, filters,
/// norms and running statistics, in the whole stream of the stage; what reads the n copies of a channel divides its
/// weights among them. To tell copies apart the paper adds noise to all weights and keeps the function only nearly.
/// Here copy j is read with (1 + noise·ε_j)/n of the old weight, each weight with its own ε ~ N(0, 1) less its mean
/// over the copies: the shares add up to 1, so the function is kept in training and evaluation mode whatever the noise,
/// and copies still get different gradients. Moments are copied with the weights. Student and teacher share mapping and
/// noise.
struct WidenNet2Wider {
  static constexpr std::string_view name = "widen_net2wider";
  static constexpr bool keeps_function = true;
  struct Edit {
    Index stage = 0;             ///< position in the stack
    Index channels = 0;          ///< width from now on
    std::vector<Index> mapping;  ///< for every new channel the old one it copies
    std::uint64_t seed = 0;      ///< of the noise
    bool operator==(const Edit&) const = default;
  };
  float factor = 1.5f;
  Index max_channels = 256;
  float noise = 0.1f;  ///< relative, see above
  bool operator==(const WidenNet2Wider&) const = default;

  template <class Readout, class Head>
  std::optional<Edit> propose(const Learner<Readout, Head>& net, const Signals& s, Rng& rng) const {
    const auto& list = stages(backbone(net));
    const auto wider = [&](Index i) { return wider_by(width(list[i]), factor, max_channels); };
    const auto stage = most_sensitive(list.size(), s, rng, [&](Index i) { return wider(i) > width(list[i]); });
    if (!stage) return {};
    return settle(net, Edit{*stage, wider(*stage), {}, 0}, s, rng);
  }
  template <class Readout, class Head>
  std::vector<Edit> candidates(const Learner<Readout, Head>& net, const Signals&) const {
    std::vector<Edit> all;
    each_wider(net, max_channels, [&](Index stage, Index channels) { all.push_back({stage, channels, {}, 0}); });
    return all;
  }
  /// Draws the mapping and the seed of the noise.
  template <class Readout, class Head>
  Edit settle(const Learner<Readout, Head>& net, Edit e, const Signals&, Rng& rng) const {
    const Index before = width(stages(backbone(net))[e.stage]);
    e.mapping.clear();
    for (Index c = before; c < e.channels; ++c) e.mapping.push_back(rng.below(before));
    e.seed = rng.next_u32();
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

  /// Throws: Error when the mapping does not fit the stage.
  template <class Readout, class Head, class T>
  void carry(const Learner<Readout, Head>& net, const Edit& e, const ParamStore<T>& old, ParamStore<T>& fresh) const {
    const Copies copies = copies_of(e, width(stages(backbone(net))[e.stage]));
    const Rng rng(e.seed);
    for (const StreamTensor& t : stream_tensors(net, e.stage)) {
      std::vector<AxisSource> axes;
      if (t.read >= 0) axes.push_back(copied_axis(t.read, copies, t.groups));
      if (t.written >= 0) axes.push_back(copied_axis(t.written, copies, 1));
      carry_resized(old, fresh, t.key, axes);
      if (t.read >= 0) share(fresh, t, copies, rng.split(t.key));
    }
  }

 private:
  struct Copies {
    std::vector<Index> source;           ///< for every channel the old one it was
    std::vector<std::vector<Index>> of;  ///< for every old channel those it is now
    Index before() const { return static_cast<Index>(of.size()); }
    Index after() const { return static_cast<Index>(source.size()); }
  };

  static Copies copies_of(const Edit& e, Index before) {
    require(static_cast<Index>(e.mapping.size()) == e.channels - before,
            "the mapping does not name one old channel for every new one", "WidenNet2Wider",
            "let `propose` or `settle` draw it");
    Copies copies{{}, std::vector<std::vector<Index>>(to_size(before))};
    for (Index c = 0; c < e.channels; ++c) {
      const Index from = c < before ? c : e.mapping[to_size(c - before)];
      require(from >= 0 && from < before, "the mapping names a channel that the stage does not have", "WidenNet2Wider",
              "let `propose` or `settle` draw it");
      copies.source.push_back(from);
      copies.of[to_size(from)].push_back(c);
    }
    return copies;
  }
  static AxisSource copied_axis(int axis, const Copies& copies, Index groups) {
    AxisSource a{axis, {}, false};
    for (Index g = 0; g < groups; ++g)
      for (const Index from : copies.source) a.source.push_back(g * copies.before() + from);
    return a;
  }

  /// Divides what the tensor reads from copies among them, weight by weight.
  template <class T>
  void share(ParamStore<T>& fresh, const StreamTensor& t, const Copies& copies, Rng rng) const {
    const auto& entry = fresh.at(t.key);
    const auto w = fresh.values(entry);
    Index inner = 1;
    for (int d = t.read + 1; d < entry.desc.shape.rank; ++d) inner *= entry.desc.shape[d];
    const Index blocks = entry.count() / (copies.after() * inner);  // outer axes and groups
    std::vector<double> part;
    for (Index b = 0; b < blocks; ++b)
      for (const auto& same : copies.of) {
        if (same.size() < 2) continue;
        for (Index i = 0; i < inner; ++i) {
          draw_shares(rng, same.size(), part);
          for (std::size_t j = 0; j < same.size(); ++j) {
            T& weight = w[to_size((b * copies.after() + same[j]) * inner + i)];
            weight = static_cast<T>(static_cast<double>(weight) * part[j]);
          }
        }
      }
  }
  /// n shares (1 + noise·ε_j)/n that add up to 1.
  void draw_shares(Rng& rng, std::size_t n, std::vector<double>& part) const {
    part.resize(n);
    double mean = 0;
    for (double& p : part) mean += (p = static_cast<double>(rng.normal())) / static_cast<double>(n);
    for (double& p : part) p = (1 + static_cast<double>(noise) * (p - mean)) / static_cast<double>(n);
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::WidenNet2Wider, factor, max_channels, noise);
SSEG_FIELDS(sseg::WidenNet2Wider::Edit, stage, channels, mapping, seed);

#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/evolve/learner.hpp"

namespace sseg {

/// A tensor that changes its shape when a stage is widened, and its axes over the stage's channels.
struct StreamTensor {
  std::string key;
  int written = -1;  ///< axis of the units that this tensor makes; −1: none
  int read = -1;     ///< axis of the units that it reads; −1: none
  Index groups = 1;  ///< the channels are repeated so often along `read` (a flattened map, once a position)
};

/// All such tensors of one stage: its entry, its residual blocks (the whole stream has one width), and what reads it:
/// the next stage, or behind the last stage the heads.
template <class Readout, class Head>
std::vector<StreamTensor> stream_tensors(const Learner<Readout, Head>& net, Index stage) {
  const auto& list = stages(backbone(net));
  const auto& slot = list.slots[to_size(stage)];
  std::vector<StreamTensor> all;
  const auto add_block = [&](const std::string& at, bool reads_stream) {
    all.push_back({at + "/0/weight", 3, reads_stream ? 2 : -1});
    for (const char* part : {"/1/gamma", "/1/beta", "/1/running_mean", "/1/running_var"}) all.push_back({at + part, 0});
  };
  add_block(stage_key(slot.id) + "/0", false);
  for (const auto& block : residuals(slot.block).slots) add_block(residual_key(slot.id, block.id) + "/0", true);
  if (stage + 1 < list.size()) {
    all.push_back({stage_key(list.slots[to_size(stage + 1)].id) + "/0/0/weight", -1, 2});
  } else {
    Head heads = head(net);
    for_each_entry(heads, head_key(), [&](const Linear& entry, const std::string& key) {
      all.push_back({key + "/weight", -1, 1, entry.in / width(slot.block)});
    });
  }
  return all;
}

/// The net with one stage of another width, and what reads it changed to fit. Throws: Error when there is no such stage
/// or it would not become wider.
template <class Readout, class Head>
Learner<Readout, Head> with_width(Learner<Readout, Head> net, Index stage, Index channels) {
  auto& list = stages(backbone(net));
  require(stage >= 0 && stage < list.size(), "the net has no such stage", "with_width",
          "count stages from 0, in the order of the stack");
  const Index before = width(list[stage]);
  require(channels > before, "the stage would not become wider", "with_width", "give more channels than it has");
  set_width(list[stage], channels);
  if (stage + 1 < list.size())
    entry_conv(list[stage + 1]).in = channels;
  else
    for_each_entry(head(net), head_key(),
                   [&](Linear& entry, const std::string&) { entry.in = entry.in / before * channels; });
  return net;
}

/// "stage 1, 8 to 12 channels"
template <class Readout, class Head>
std::string widening_in_words(const Learner<Readout, Head>& net, Index stage, Index channels) {
  return "stage " + std::to_string(stage) + ", " + std::to_string(width(stages(backbone(net))[stage])) + " to " +
         std::to_string(channels) + " channels";
}

/// `factor` times as many channels, rounded up, at most `most`.
inline Index wider_by(Index channels, float factor, Index most) {
  const double wanted = std::ceil(static_cast<double>(factor) * static_cast<double>(channels));
  return static_cast<Index>(std::min(static_cast<double>(most), wanted));
}

/// f(stage, channels) for every wider width of every stage up to `most`.
template <class Readout, class Head, class F>
void each_wider(const Learner<Readout, Head>& net, Index most, F&& f) {
  const auto& list = stages(backbone(net));
  for (Index s = 0; s < list.size(); ++s)
    for (Index c = width(list[s]) + 1; c <= most; ++c) f(s, c);
}

}  // namespace sseg

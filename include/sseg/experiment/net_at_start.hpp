#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "sseg/evolve/history.hpp"
#include "sseg/experiment/tasks.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/report/svg_stage_plot.hpp"
#include "sseg/train/genome.hpp"

namespace sseg {

namespace detail {

/// The genome of `like`, with other stages: its pools, images and heads stay.
inline Genome with_stages(Genome like, const std::vector<StagePlot::Stage>& stages) {
  like.stages.resize(stages.size());
  Index in = like.channels;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    StageGenome& s = like.stages[i];
    s = {static_cast<Index>(i), in, stages[i].channels, s.pool, {}, stages[i].blocks};
    for (Index b = 0; b < stages[i].blocks; ++b) s.blocks.push_back(b);
    in = s.channels;
  }
  like.next_stage = static_cast<Index>(stages.size());
  return like;
}

/// What may have been before a mutation of stage `s`: a block less, the stage not there, or any width below.
inline std::vector<std::vector<StagePlot::Stage>> stages_before(std::vector<StagePlot::Stage> after, std::size_t s) {
  std::vector<std::vector<StagePlot::Stage>> all;
  if (s >= after.size()) return all;
  const auto add = [&](const auto& change) { change(all.emplace_back(after)); };
  if (after[s].blocks > 0) add([&](auto& stages) { --stages[s].blocks; });
  if (s > 0 && s + 1 == after.size()) add([&](auto& stages) { stages.pop_back(); });
  for (Index width = after[s].channels - 1; width > 0; --width) add([&](auto& stages) { stages[s].channels = width; });
  return all;
}

}  // namespace detail

/// The net that a run began with, as `describe` names it, from the net that it has now and its history: what the first
/// mutation left, with that mutation undone so that the parameters are as many as the history says. Empty when no
/// mutation of this library explains them. `image`: (H, W, C).
inline std::string net_at_start(const MainNet& now, const History& history, Shape image) {
  if (history.empty()) return describe(backbone(now));
  const MutationRecord& first = history.front();
  const Genome genome = genome_of(now, image);
  const auto after = stages_named(first.net_after);
  const bool sane = std::all_of(after.begin(), after.end(), [](const StagePlot::Stage& s) {
    return s.channels >= 1 && s.channels <= SeedNetwork::max_channels && s.blocks <= 256;
  });
  if (!sane || after.size() > genome.stages.size() || first.edit.stage < 0) return {};
  for (const auto& stages : detail::stages_before(after, to_size(first.edit.stage))) {
    const MainNet net = build_net<MainNet>(detail::with_stages(genome, stages), "history.json");
    if (net.param_count() == first.params_before) return describe(backbone(net));
  }
  return {};
}

}  // namespace sseg

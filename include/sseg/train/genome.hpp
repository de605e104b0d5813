#pragma once
#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/head/heads.hpp"
#include "sseg/head/sizes.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// One stage of a net, as files describe it.
struct StageGenome {
  Index id = 0;
  Index in = 0, channels = 0, pool = 1;
  std::vector<Index> blocks;  ///< ids of the residual blocks, in order
  Index next_block = 0;       ///< id the next block will get
  bool operator==(const StageGenome&) const = default;
};

/// One head: its task, and the widths of its layers.
struct HeadGenome {
  std::string task;
  std::vector<Index> sizes;
  bool operator==(const HeadGenome&) const = default;
};

/// The architecture of a learner, as files describe it: enough to build the very same net.
struct Genome {
  Index height = 0, width = 0, channels = 0;  ///< of the images
  std::string readout;
  Index next_stage = 0;
  std::vector<StageGenome> stages;
  std::vector<HeadGenome> heads;  ///< those that are on
  bool operator==(const Genome&) const = default;
};

template <class Readout, class... Tasks>
Genome genome_of(const Learner<Readout, Heads<Tasks...>>& net, Shape image) {
  const auto& list = stages(backbone(net));
  Genome g{image[0], image[1], image[2], std::string(Readout::name), list.next_id, {}, {}};
  for (const auto& slot : list.slots) {
    const auto& blocks = residuals(slot.block);
    StageGenome s{slot.id,       entry_conv(slot.block).in, width(slot.block), entry_norm(slot.block).pool, {},
                  blocks.next_id};
    for (const auto& b : blocks.slots) s.blocks.push_back(b.id);
    g.stages.push_back(std::move(s));
  }
  head(net).each_on([&](auto i, const auto& one) {
    g.heads.push_back({std::string(Heads<Tasks...>::names()[i]), head_sizes(one)});
  });
  return g;
}

namespace detail {

/// Sizes from a file are bounded before anything is built or multiplied.
inline void check_genome(const Genome& g, std::string_view readout, const std::string& where) {
  const auto fail = [&](const std::string& what) {
    throw Error("the net description is not usable: " + what, where, "take a checkpoint that this library wrote");
  };
  const auto sane = [](Index v, Index most) { return v >= 1 && v <= most; };
  if (g.readout != readout)
    fail("its readout is '" + g.readout + "', this program's is '" + std::string(readout) + "'");
  if (!sane(g.height, 4096) || !sane(g.width, 4096) || !sane(g.channels, 64)) fail("the image size");
  for (const HeadGenome& h : g.heads) {
    if (h.sizes.empty() || h.sizes.size() > 16) fail("the number of layers of the head '" + h.task + "'");
    for (const Index size : h.sizes)
      if (!sane(size, 1 << 16)) fail("the sizes of the head '" + h.task + "'");
  }
  if (g.stages.empty() || g.stages.size() > 64 || g.next_stage > (1 << 20)) fail("the number of stages");
  Index in = g.channels;
  std::vector<Index> seen;
  for (const StageGenome& s : g.stages) {
    if (s.in != in || !sane(s.channels, 1 << 14) || !sane(s.pool, 64)) fail("the channels or pool of a stage");
    if (s.blocks.size() > 256 || s.next_block < 0 || s.next_block > (1 << 20)) fail("the number of residual blocks");
    if (s.id < 0 || s.id >= g.next_stage || std::find(seen.begin(), seen.end(), s.id) != seen.end())
      fail("the id of a stage");
    seen.push_back(s.id);
    for (std::size_t b = 0; b < s.blocks.size(); ++b)
      if (s.blocks[b] < 0 || s.blocks[b] >= s.next_block ||
          std::find(s.blocks.begin(), s.blocks.begin() + static_cast<std::ptrdiff_t>(b), s.blocks[b]) !=
              s.blocks.begin() + static_cast<std::ptrdiff_t>(b))
        fail("the id of a residual block");
    in = s.channels;
  }
}

}  // namespace detail

namespace detail {

template <class Task>
void build_one_head(typename Task::Head& head, bool& on, Index in, const Genome& g, const std::string& where) {
  const auto it = std::find_if(g.heads.begin(), g.heads.end(), [](const auto& h) { return h.task == Task::name; });
  on = it != g.heads.end();
  if (!on) return;
  if (it->sizes.size() != head_sizes(head).size())
    throw Error("the head '" + it->task + "' has another number of layers than this program's", where,
                "take a checkpoint that this version wrote");
  head = build_head(std::type_identity<typename Task::Head>{}, in, it->sizes);
}

template <class... Tasks>
Heads<Tasks...> build_heads(std::type_identity<Heads<Tasks...>>, Index in, const Genome& g, const std::string& where) {
  Heads<Tasks...> all;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (build_one_head<Tasks>(std::get<I>(all.heads), all.on[I], in, g, where), ...);
  }
  (std::make_index_sequence<sizeof...(Tasks)>{});
  Index on = 0;
  all.each_on([&](auto, const auto&) { ++on; });
  if (on < 1 || on != static_cast<Index>(g.heads.size()))
    throw Error("the file has no head, or one of a task that this program does not have", where,
                "load it with the program that wrote it");
  return all;
}

}  // namespace detail

/// The net a genome describes. Throws: Error when the description makes no net, or has another readout or other heads.
template <class Net>
Net build_net(const Genome& g, const std::string& where) {
  using Cnn = std::tuple_element_t<0, decltype(Net::layers)>;
  using AllHeads = std::tuple_element_t<1, decltype(Net::layers)>;
  detail::check_genome(g, std::tuple_element_t<1, decltype(Cnn::layers)>::name, where);
  Cnn cnn;
  for (const StageGenome& s : g.stages) {
    Stage stage = make_stage(s.in, s.channels, s.pool);
    for (const Index id : s.blocks) residuals(stage).slots.push_back({id, make_identity_block(s.channels)});
    residuals(stage).next_id = s.next_block;
    stages(cnn).slots.push_back({s.id, std::move(stage)});
  }
  stages(cnn).next_id = g.next_stage;
  const Index features = cnn.out_shape({1, g.height, g.width, g.channels}).count();
  return chain(std::move(cnn), detail::build_heads(std::type_identity<AllHeads>{}, features, g, where));
}

}  // namespace sseg

SSEG_FIELDS(sseg::StageGenome, id, in, channels, pool, blocks, next_block);
SSEG_FIELDS(sseg::HeadGenome, task, sizes);
SSEG_FIELDS(sseg::Genome, height, width, channels, readout, next_stage, stages, heads);

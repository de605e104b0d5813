#pragma once
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/evolve/learner.hpp"
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

/// The architecture of a learner, as files describe it: enough to build the very same net.
struct Genome {
  Index height = 0, width = 0, channels = 0;  ///< of the images
  std::string readout;
  Index projector_hidden = 0, projector_out = 0;
  Index next_stage = 0;
  std::vector<StageGenome> stages;
  bool operator==(const Genome&) const = default;
};

template <class Readout>
Genome genome_of(const Learner<Readout>& net, Shape image) {
  const auto& list = stages(backbone(net));
  const auto& projector = std::get<1>(net.layers);
  Genome g{image[0],
           image[1],
           image[2],
           std::string(Readout::name),
           std::get<0>(projector.layers).out,
           std::get<2>(projector.layers).out,
           list.next_id,
           {}};
  for (const auto& slot : list.slots) {
    const auto& blocks = residuals(slot.block);
    StageGenome s{slot.id,       entry_conv(slot.block).in, width(slot.block), entry_norm(slot.block).pool, {},
                  blocks.next_id};
    for (const auto& b : blocks.slots) s.blocks.push_back(b.id);
    g.stages.push_back(std::move(s));
  }
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
  if (!sane(g.projector_hidden, 1 << 16) || !sane(g.projector_out, 1 << 16)) fail("the projector's size");
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

/// The net a genome describes. Throws: Error when the description makes no net or has another readout.
template <class Readout>
Learner<Readout> build_net(const Genome& g, const std::string& where) {
  detail::check_genome(g, Readout::name, where);
  EvolvableCnn<Readout> cnn;
  for (const StageGenome& s : g.stages) {
    Stage stage = make_stage(s.in, s.channels, s.pool);
    for (const Index id : s.blocks) residuals(stage).slots.push_back({id, make_identity_block(s.channels)});
    residuals(stage).next_id = s.next_block;
    stages(cnn).slots.push_back({s.id, std::move(stage)});
  }
  stages(cnn).next_id = g.next_stage;
  return make_learner(std::move(cnn), {g.height, g.width, g.channels}, g.projector_hidden, g.projector_out);
}

}  // namespace sseg

SSEG_FIELDS(sseg::StageGenome, id, in, channels, pool, blocks, next_block);
SSEG_FIELDS(sseg::Genome, height, width, channels, readout, projector_hidden, projector_out, next_stage, stages);

#pragma once
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "../../../benchmarks/run/peer_nets.hpp"
#include "cuda/support/dry_backend.hpp"
#include "sseg/evolve/stream_tensors.hpp"
#include "sseg/experiment/config_file.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/net/trace.hpp"

/// Every convolution that the shipped configurations and the benchmarks' nets can lead to.
namespace cuda_test {

struct ByValue {
  bool operator()(const sseg::ConvGeometry& a, const sseg::ConvGeometry& b) const { return key(a) < key(b); }
  static std::tuple<sseg::Index, sseg::Index, sseg::Index, sseg::Index, sseg::Index, sseg::Index, sseg::Index,
                    sseg::Index>
  key(const sseg::ConvGeometry& g) {
    return {g.n, g.h, g.w, g.c, g.o, g.kernel, g.stride, g.pad};
  }
};
using ConvShapes = std::set<sseg::ConvGeometry, ByValue>;

/// Adds the convolutions of `net` on `images` images (H, W, C).
template <class Net>
void add_shapes(ConvShapes& all, const Net& net, sseg::Shape image, sseg::Index images) {
  DryBackend dry;
  sseg::ParamStore<float> store;  // nothing looks into it
  store.value.resize(net.param_count());
  store.state.resize(net.state_count());
  sseg::Buffer<float> x(image.count());
  sseg::Trace<float> trace;
  trace.forward(dry, net, store, {x.data(), {1, image[0], image[1], image[2]}}, sseg::Mode::eval, false);
  for (sseg::ConvGeometry g : dry.convolutions()) {
    g.n = images;
    all.insert(g);
  }
}

/// Nets a, b and c of benchmarks/peers, on their inputs; "84" suits those with room for four poolings.
inline ConvShapes benchmark_shapes() {
  ConvShapes all;
  for (const auto& [input_name, input] : bench::inputs)
    for (const auto& [net_name, widths] : bench::nets)
      add_shapes(all, bench::make_backbone<sseg::GlobalPool>(widths, input.channels),
                 {input.side, input.side, input.channels}, input.images);
  return all;
}

/// The seed net of a configuration, and what it becomes when all stages widen together, step by step to their limit,
/// with a residual block in each. Both views of a batch go through a net at once.
inline void add_config(ConvShapes& all, const sseg::RunConfig& c) {
  using sseg::Index;
  const bool gray = c.data.source == "shapes" || c.data.source == "omniglot" || c.data.source == "idx";
  const Index channels = gray ? 1 : c.data.source == "curriculum" ? c.curriculum.channels : 3;
  const sseg::Shape image{c.data.image_size, c.data.image_size, channels};
  auto net = c.evolution.seed_network.build(image);
  add_shapes(all, net, image, 2 * c.train.batch);
  for (auto& slot : stages(net).slots) residuals(slot.block).push_back(sseg::make_identity_block(width(slot.block)));
  for (bool wider = true; wider;) {
    add_shapes(all, net, image, 2 * c.train.batch);
    wider = false;
    Index in = channels;
    for (auto& slot : stages(net).slots) {
      const Index before = width(slot.block);
      const Index after = sseg::wider_by(before, c.evolution.growth.mutations.widen_factor,
                                         std::max(before, c.evolution.growth.max_channels));
      wider = wider || after > before;
      set_width(slot.block, after);
      entry_conv(slot.block).in = in;
      in = after;
    }
  }
}

/// All presets, and all configurations in `folder`.
inline ConvShapes config_shapes(const std::filesystem::path& folder) {
  ConvShapes all;
  for (const char* const name : {"demo", "curriculum", "omniglot", "cifar_fs", "mini_imagenet", "images", "idx"})
    add_config(all, sseg::preset_named(name));
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    const sseg::ConfigFile file = sseg::load_config_file(entry.path());
    sseg::RunConfig config = sseg::preset_named(file.base());
    file.apply(config);
    add_config(all, config);
  }
  return all;
}

}  // namespace cuda_test

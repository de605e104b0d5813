#pragma once
#include <atomic>
#include <filesystem>
#include <string>

#include "sseg/augment/pipeline.hpp"
#include "sseg/augment/warp.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/curriculum/synthetic_shapes.hpp"
#include "sseg/evolve/add_stage.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/evolve/widen_net2wider.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/schedule.hpp"
#include "sseg/ssl/dino.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/checkpoint.hpp"
#include "sseg/train/fit.hpp"

/// The run behind tests/golden/checkpoint-N.safetensors: as small as can be, with something in every part of the
/// format. It is stopped between two looks at the probe, after a growth, a widening, a new stage and a widening by
/// copies. Another format needs another file, and may need another run; files that are there stay as they are.
namespace golden_run {

using namespace sseg;
using Loss = Objective<Term<NtXent>, Term<Dino, DinoHead>>;
using Net = Learner<GlobalPool, Loss::Heads>;
using State = TrainState<Net, float>;
using GoldenRecipe = Recipe<MultiCrop<Pipeline<Warp>>, Loss, AdamW, Warmup<Cosine>,
                            Evolve<Plateau, Grow, Widen, AddStage, WidenNet2Wider>, RoutingPolicy>;

inline const Shape image{8, 8, 1};
inline constexpr Index stopped_at = 14;
inline constexpr FitConfig config{.steps = 18, .batch = 6, .probe_every = 3, .recalibrate_steps = 1};

inline std::filesystem::path file(Index version) {
  return std::filesystem::path(__FILE__).parent_path() / "../../golden" /
         ("checkpoint-" + std::to_string(version) + ".safetensors");
}

inline GoldenRecipe recipe() {
  GoldenRecipe r{
      .views = two_views(pipeline(Warp{})),
      .objective = objective(Term<NtXent>{}, Term<Dino, DinoHead>{}),
      .optimizer = {},
      .rate = {.steps = 4, .inner = {.peak = 0.01f}},
      .teacher = {},
      .growth = {Plateau{.patience = 2, .min_gain = 0.9, .max_wait = 1, .first = 0},
                 {Grow{}, Widen{.max_channels = 8}, AddStage{.min_side = 1}, WidenNet2Wider{.max_channels = 8}}}};
  r.routing.config =
      RouterConfig{.unit = "channel", .scope = "layer", .ramp_steps = 6, .update_every = 3, .negative_weight = 0.25f};
  r.routing.seed = 9;
  r.collapse = {.every = 2, .min_std = 0.99, .patience = 3};  // stricter than any net could be
  return r;
}

/// Trains until so many steps are done.
inline void run(State& state, Index until, int threads = 1) {
  struct StopAt {
    Index step;
    std::atomic<bool>& stop;
    void on_step(const StepInfo& s) { stop = s.at.step == step; }
  };
  Cpu cpu(threads);
  std::atomic<bool> stop{false};
  StopAt stop_at{until, stop};
  const GoldenRecipe r = recipe();
  const Images train = SyntheticShapes{.seed = 4, .count = 24, .side = 8}.images();
  const InstanceProbe probe(SyntheticShapes{.seed = 5, .count = 8, .side = 8}.images(), r.views.global, Rng(2));
  auto fit = make_fit<GlobalPool>(cpu, train, probe, config, r, Rng(3), stop_at);
  fit.run(state, stop);
}

inline State start() {
  const auto cnn = SeedNetwork{.initial_channels = 4, .num_blocks = 2}.build<GlobalPool>(image);
  const Index features = feature_count(cnn, image);
  State state =
      start_training<float>(Net{{cnn, {{projection_head(features, 6, 4), dino_head(features, 6, 4, 5)}, {true, true}}}},
                            AdamW::moments, Rng(1), "keep_ratio");
  state.stop = {0.375, 4, 3};  // nobody stops early here, and nobody may forget it
  return state;
}

}  // namespace golden_run

#pragma once
#include <atomic>
#include <vector>

#include "sseg/augment/pipeline.hpp"
#include "sseg/augment/warp.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/curriculum/synthetic_shapes.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/schedule.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/fit.hpp"

/// A whole training run, small enough for a test: it probes, grows and widens within its few steps.
namespace small_run {

using namespace sseg;
using SmallObjective = Objective<Term<NtXent>>;
using Net = Learner<Flatten, SmallObjective::Heads>;
using State = TrainState<Net, float>;
using SmallRecipe = Recipe<MultiCrop<Pipeline<Warp>>, SmallObjective, AdamW, Warmup<Cosine>,
                           Evolve<Plateau, Grow, Widen>, RoutingPolicy>;

inline const Shape image{16, 16, 1};
inline constexpr FitConfig config{.steps = 24, .batch = 8, .probe_every = 4, .recalibrate_steps = 2};

inline Images images() { return SyntheticShapes{.seed = 4, .count = 60, .side = 16}.images(); }
inline Images probe_images() { return SyntheticShapes{.seed = 5, .count = 20, .side = 16}.images(); }

inline SmallRecipe recipe() {
  return {.views = two_views(pipeline(Warp{})),
          .objective = objective(Term<NtXent>{.loss = {.temperature = 0.2f}}),
          .optimizer = {},
          .rate = {.steps = 4, .inner = {.peak = 0.01f}},
          .teacher = {},
          .growth = {Plateau{.patience = 2, .min_gain = 0.9, .max_wait = 1, .first = 0},
                     {Grow{}, Widen{.factor = 1.5f, .max_channels = 16}}}};
}

/// The same, routing from step 2, with masks every third step and half the channels of each stage from step 8 on.
inline SmallRecipe routed_recipe() {
  SmallRecipe r = recipe();
  r.routing.config = RouterConfig{
      .unit = "channel", .scope = "layer", .keep = 0.5, .start_step = 2, .ramp_steps = 6, .update_every = 3};
  return r;
}

inline State start(Shape input = image, const char* sensitivity = "taylor") {
  const auto cnn = SeedNetwork{.initial_channels = 6, .num_blocks = 2}.build(input);
  return start_training<float>(Net{{cnn, {{projection_head(feature_count(cnn, input), 16, 8)}, {true}}}},
                               AdamW::moments, Rng(1), sensitivity);
}

template <class... Callbacks>
void run_recipe(const SmallRecipe& r, State& state, int threads, FitConfig c, const std::atomic<bool>& stop,
                Callbacks&... callbacks) {
  Cpu cpu(threads);
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(cpu, train, probe, c, r, Rng(3), callbacks...);
  fit.run(state, stop);
}
template <class... Callbacks>
void run(State& state, int threads, FitConfig c, const std::atomic<bool>& stop, Callbacks&... callbacks) {
  run_recipe(recipe(), state, threads, c, stop, callbacks...);
}
template <class... Callbacks>
State trained(int threads, Callbacks&... callbacks) {
  State state = start();
  const std::atomic<bool> stop{false};
  run(state, threads, config, stop, callbacks...);
  return state;
}

inline bool same_bits(const State& a, const State& b) {
  return a.model.net == b.model.net && a.model.student.value == b.model.student.value &&
         a.model.student.state == b.model.student.state && a.model.student.moment == b.model.student.moment &&
         a.model.teacher.value == b.model.teacher.value && a.model.teacher.state == b.model.teacher.state &&
         a.step == b.step && a.history == b.history && a.plateau == b.plateau && a.collapse == b.collapse &&
         a.loss == b.loss && a.sensitivity.record() == b.sensitivity.record();
}

}  // namespace small_run

// What the parts of the method cost: one whole training step of the main job (views, losses, gradients, optimizer,
// teacher) with one part at a time switched on, on the seed net of 2 × 32 channels, 28×28 drawings, batches of 64.
//   bench_overhead --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true
// A part's share is (its median − that of `nt_xent`) / that of `nt_xent`; `ema_update` is one update alone.
#include <benchmark/benchmark.h>

#include <functional>
#include <string>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "sseg/experiment/run_inputs.hpp"

using namespace sseg;

namespace {

RunConfig base_config() {
  RunConfig c = demo_config();
  c.data.count = 2000;
  c.data.oversample = 1;
  c.evolution.growth.trigger.kind = "never";
  c.ssl.collapse.every = 0;
  return c;
}

void whole_step(benchmark::State& state, const std::function<void(RunConfig&)>& change, int threads) {
  RunConfig c = base_config();
  change(c);
  check_config(c);
  Cpu cpu(threads);
  const RunInputs in = run_inputs(c, training_shapes(c));
  auto fit = make_fit(cpu, in.train, in.probe, c.train, main_recipe(c), in.fit);
  auto run = untrained_state(c, in.image);
  for (int k = 0; k < 3; ++k) fit.step(run);
  Index k = 0;
  for (auto _ : state) {
    run.step = 100 + k++ % 50;  // what is due every 50 steps is due once in each round
    benchmark::DoNotOptimize(fit.step(run));
  }
}

void ema_update(benchmark::State& state, int threads) {
  const RunConfig c = base_config();
  Cpu cpu(threads);
  auto run = untrained_state(c, {28, 28, 1});
  for (auto _ : state) EmaTeacher{}.update(cpu, run.model.student, run.model.teacher, {3, 10});
}

struct Part {
  const char* name;
  void (*change)(RunConfig&);
};
const Part parts[] = {
    {"nt_xent", [](RunConfig&) {}},
    {"monitor_every_step", [](RunConfig& c) { c.ssl.collapse.every = 1; }},
    {"monitor_every_50_steps", [](RunConfig& c) { c.ssl.collapse.every = 50; }},
    {"distillation", [](RunConfig& c) { c.ssl.distillation.weight = 1; }},
    {"dino_head", [](RunConfig& c) { c.ssl.dino.weight = 1, c.ssl.dino.local_crops = 0; }},
    {"dino_6_local_crops", [](RunConfig& c) { c.ssl.dino.weight = 1; }},
    {"rotation", [](RunConfig& c) { c.ssl.rotation.enabled = true; }},
    {"router_masks_only",
     [](RunConfig& c) { c.nase = {.enabled = true, .router = {.positive_weight = 0, .negative_weight = 0}}; }},
    {"router_positive_path", [](RunConfig& c) { c.nase.enabled = true; }},
    {"clip_per_tensor", [](RunConfig& c) { c.optim.clip = 3; }},
};

}  // namespace

int main(int argc, char** argv) {
  for (const int threads : {1, 2}) {
    const std::string at = "/threads:" + std::to_string(threads);
    for (const Part& part : parts)
      benchmark::RegisterBenchmark((std::string("step/") + part.name + at).c_str(),
                                   [&part, threads](auto& state) { whole_step(state, part.change, threads); })
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    benchmark::RegisterBenchmark(("ema_update" + at).c_str(), [threads](auto& state) { ema_update(state, threads); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "sseg/meta/override.hpp"
#include "support/catch.hpp"

namespace ways_to_grow_test {

using namespace sseg;

namespace {

RunConfig tiny(const std::vector<const char*>& settings) {
  RunConfig c = demo_config();
  c.data.count = 80;
  c.data.image_size = 16;
  c.data.oversample = 1;
  c.data.probe_images = 16;
  c.evolution.seed_network.initial_channels = 4;
  c.evolution.growth.trigger.kind = "every";
  c.evolution.growth.trigger.every = 1;
  c.evolution.growth.selector.trial_steps = 2;
  c.ssl.projector = {.hidden = 16, .out = 8};
  c.train = {.steps = 9, .batch = 8, .probe_every = 3, .recalibrate_steps = 1};
  for (const char* s : settings) apply_override(c, s);
  return c;
}

TrainState<MainNet, float> train(const RunConfig& c, int threads, bool in_parts) {
  const auto root = std::filesystem::temp_directory_path() / ("sseg_ways_to_grow_" + std::to_string(::getpid()));
  const RunFolder folder = RunFolder::create(root, c.name);
  std::FILE* quiet = std::fopen("/dev/null", "w");
  Cpu cpu(threads);
  const Images images = training_shapes(c);
  std::optional<TrainState<MainNet, float>> from;
  if (in_parts) {  // to the second look at the probe, through a file, and on
    RunConfig first = c;
    first.time_budget.seconds = 0;
    struct Stop {
      std::atomic<bool> flag{false};
      void on_step(const StepInfo& s) {
        if (s.at.step == 7) flag = true;
      }
    } stop;
    const Rng rng(c.seed);
    const auto data = hold_out(images, c.data.probe_images, c.train.batch, rng.split("hold out"));
    const InstanceProbe probe(data.probe, main_augment(c), rng.split("probe"));
    auto state = untrained_state(c, {16, 16, 1});
    auto fit = make_fit(cpu, data.train, probe, c.train, main_recipe(c), rng.split("fit"), stop);
    fit.run(state, stop.flag);
    save_checkpoint(folder.checkpoint(), state, {16, 16, 1}, Json::object());
    from = load_checkpoint<MainNet>(folder.checkpoint()).state;
  }
  auto result = pretrain(cpu, c, images, folder, {false}, std::move(from), quiet);
  std::fclose(quiet);
  std::filesystem::remove_all(root);
  return std::move(result.state);
}

}  // namespace

TEST_CASE("Every way to grow that a configuration offers trains, and resumes with the same bits") {
  const std::vector<std::vector<const char*>> ways{
      {"evolution.growth.mutations.grow=false", "evolution.growth.mutations.widen=net2wider"},
      {"evolution.growth.mutations.grow=false", "evolution.growth.mutations.widen=grad_max"},
      {"evolution.growth.mutations.widen=off", "evolution.growth.mutations.add_stage=true",
       "evolution.growth.mutations.grow=false", "evolution.growth.rewarm_steps=4"},
      {"evolution.growth.selector.choice=sensitivity", "evolution.growth.sensitivity_method=gradient_norm"},
      {"evolution.growth.selector.choice=sensitivity", "evolution.growth.sensitivity_method=keep_ratio",
       "nase.enabled=true"},
      {"evolution.growth.selector.choice=random", "evolution.growth.mutations.widen=grad_max"},
      {"evolution.growth.selector.choice=trial", "ssl.dino.weight=1", "ssl.dino.local_crops=1"},
      {"optim.method=sgd", "optim.clip=1", "optim.rate=0.05"},
  };
  for (const auto& way : ways) {
    INFO(way[0] << " " << way[1]);
    const RunConfig c = tiny(way);
    const auto whole = train(c, 2, false), parts = train(c, 1, true);
    CHECK(whole.history.size() >= 1);
    CHECK(whole.history == parts.history);
    CHECK(whole.model.student.value == parts.model.student.value);
    CHECK(whole.model.student.moment == parts.model.student.moment);
    CHECK(whole.model.teacher.value == parts.model.teacher.value);
  }
}

TEST_CASE("A choice by trials that may choose nothing leaves the run as if it had never looked") {
  const auto never = train(tiny({"evolution.growth.trigger.kind=never"}), 2, false);
  const auto full = train(
      tiny({"evolution.growth.selector.choice=trial", "evolution.growth.selector.budget.max_params=1"}), 2, false);
  CHECK(full.history.empty());
  CHECK(full.model.student.value == never.model.student.value);
}

TEST_CASE("No budget is exceeded") {
  const auto first = train(tiny({"evolution.growth.trigger.kind=never"}), 2, false);
  const Index macs = first.model.net.macs({1, 16, 16, 1});
  const std::string limit = "evolution.growth.selector.budget.max_macs=" + std::to_string(macs + macs / 5);
  for (const char* choice : {"alternate", "sensitivity", "random"}) {
    const std::string chosen = std::string("evolution.growth.selector.choice=") + choice;
    const auto s = train(tiny({limit.c_str(), chosen.c_str()}), 2, false);
    CHECK(s.model.net.macs({1, 16, 16, 1}) <= macs + macs / 5);
  }
  const auto slow = train(tiny({"evolution.growth.selector.budget.max_milliseconds=1e-9"}), 2, false);
  CHECK(slow.history.empty());
}

TEST_CASE("A net whose positive path lacks too little does not grow") {
  const std::vector<const char*> routed{"nase.enabled=true", "nase.router.ramp_steps=0", "data.probe_images=32"};
  auto held = routed;
  held.push_back("evolution.growth.min_gap=0.99");
  CHECK(train(tiny(held), 2, false).history.empty());
  CHECK(train(tiny(routed), 2, false).history.size() == 2);
  CHECK(train(tiny({"evolution.growth.min_gap=0.99"}), 2, false).history.size() == 2);  // no path, no gap
}

}  // namespace ways_to_grow_test

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <string>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/load_images.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "sseg/meta/override.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace curriculum_run_test {

using namespace sseg;

namespace {

RunConfig small_config(const std::string& kind) {
  RunConfig c = demo_config();
  c.data = {.source = "curriculum", .image_size = 16, .count = 24, .train_kinds = 8, .probe_images = 16};
  c.curriculum.scheduler = {.kind = kind, .rise = 1, .patience = 1, .min_gain = 0.5, .max_wait = 2};
  c.evolution.seed_network.initial_channels = 4;
  c.evolution.growth.trigger.kind = "every";
  c.evolution.growth.trigger.every = 1;
  c.ssl.projector = {.hidden = 16, .out = 8};
  c.train = {.steps = 12, .batch = 8, .probe_every = 3, .recalibrate_steps = 1};
  return c;
}

/// Trains to the end; `pause`: stops after that step, saves, loads and goes on.
TrainState<MainNet, float> train(const RunConfig& c, int threads, const RunFolder& folder, Index pause = 0,
                                 int loaders = 0) {
  std::FILE* quiet = std::fopen("/dev/null", "w");
  Cpu cpu(threads);
  const AnyDataset data = training_data(c);
  std::optional<TrainState<MainNet, float>> from;
  if (pause > 0) {
    struct Stop {
      Index step;
      std::atomic<bool>& flag;
      void on_step(const StepInfo& s) {
        if (s.at.step == step) flag = true;
      }
    };
    std::atomic<bool> flag{false};
    Stop stop{pause, flag};
    const RunInputs in = run_inputs(c, data);
    auto state = untrained_state(c, in.image);
    auto fit = make_fit(cpu, in.train, in.probe, c.train, main_recipe(c, in.levels), in.fit, stop);
    fit.run(state, flag);
    save_checkpoint(folder.checkpoint(), state, in.image, Json::object());
    from = load_checkpoint<MainNet>(folder.checkpoint()).state;
  }
  auto result = pretrain(cpu, c, data, folder, {false}, std::move(from), quiet, loaders);
  std::fclose(quiet);
  return std::move(result.state);
}

}  // namespace

TEST_CASE("A run with a curriculum gives the same bits on any number of threads and loaders and across a resume") {
  const std::string kind = GENERATE("linear", "self_paced");
  const RunConfig c = small_config(kind);
  const sseg_test::TempFolder temp;
  const auto whole = train(c, 1, RunFolder::create(temp / "whole", "run"));
  const auto threads = train(c, 3, RunFolder::create(temp / "threads", "run"));
  const auto resumed = train(c, 2, RunFolder::create(temp / "resumed", "run"), 7);
  const auto ahead = train(c, 1, RunFolder::create(temp / "ahead", "run"), 0, 3);
  for (const auto* other : {&threads, &resumed, &ahead}) {
    CHECK(other->model.student.value == whole.model.student.value);
    CHECK(other->model.teacher.value == whole.model.teacher.value);
    CHECK(other->curriculum == whole.curriculum);
    CHECK(other->history.size() == whole.history.size());
  }
  CHECK((whole.curriculum.level > 1) == (kind == "self_paced"));
}

TEST_CASE("The level mix of a curriculum stands in the metrics, and changes what is learned") {
  const sseg_test::TempFolder temp;
  const RunFolder folder = RunFolder::create(temp / "step", "run");
  const auto step = train(small_config("step"), 2, folder);
  const std::string metrics = read_file(folder.metrics(), 1 << 16);
  CHECK_THAT(metrics, sseg_test::Contains("level_1,level_2,level_3,level_4"));
  CHECK_THAT(metrics, sseg_test::Contains(",1,0,0,0,nan\n"));
  CHECK_THAT(metrics, sseg_test::Contains(",0.2,0.8,0,0,nan\n"));
  const auto all = train(small_config("all"), 2, RunFolder::create(temp / "all", "run"));
  CHECK_FALSE(all.model.student.value == step.model.student.value);
}

TEST_CASE("A run reads a generated folder as it makes the pictures itself, but for the rounding to bytes") {
  RunConfig c = small_config("all");
  c.data.oversample = 1;
  const sseg_test::TempFolder temp;
  Threads threads(2);
  write_curriculum(threads, training_curriculum(c), temp / "pictures");
  const AnyDataset made = training_data(c);
  c.data.path = temp / "pictures";
  const AnyDataset read = training_data(c);
  REQUIRE(read.size() == made.size());
  CHECK(read.spec().shape == made.spec().shape);
  std::vector<float> a(16 * 16 * 3), b = a;
  for (Index i = 0; i < made.size(); i += 5) {
    CHECK(made.read(i, {a.data(), {16, 16, 3}}) == read.read(i, {b.data(), {16, 16, 3}}));
    for (std::size_t k = 0; k < a.size(); ++k) REQUIRE(b[k] == Approx(a[k]).margin(0.5 / 255 + 1e-6));
  }
  CHECK(run_inputs(c, read).levels[2].size() == run_inputs(c, made).levels[2].size());
  c.data.train_kinds = 7;
  CHECK_THAT(sseg_test::message_of([&] { training_data(c); }), sseg_test::Contains("shape 'ell'"));
  c.curriculum.channels = 1;
  CHECK_THAT(sseg_test::message_of([&] { training_data(c); }), sseg_test::Contains("another number of channels"));
}

TEST_CASE("Shapes to train on and shapes held back of a curriculum have no kind in common") {
  RunConfig c = small_config("all");
  const LabelledImages held = held_back_images(c, {}, "", Split::validation);
  CHECK(held.images.size() == 3 * 40 * 12);
  CHECK(held.images.groups == std::vector<std::string>{"level 1", "level 3", "level 4"});
  CHECK(held.images.classes.size() == 12);
  const auto trained = training_curriculum(c).each.classes();
  for (const std::string& name : held.images.classes)
    CHECK(std::find(trained.begin(), trained.end(), name) == trained.end());
  const RunInputs in = run_inputs(c, training_data(c));
  Index total = 0;
  for (const Range& r : in.levels) {
    CHECK(r.begin == total);
    total = r.end;
  }
  CHECK(total == in.train.size());
  CHECK(total == 4 * 24 - 16);
}

TEST_CASE("Curricula that would fail on the way are refused before the first step") {
  RunConfig c = small_config("step");
  c.data.count = 10;
  CHECK_THAT(sseg_test::message_of([&] { run_inputs(c, training_data(c)); }),
             sseg_test::Contains("fewer than a batch of 8"));
  c.data.turns = true;
  CHECK_THAT(sseg_test::message_of([&] { check_config(c); }), sseg_test::Contains("no turned copies"));
}

}  // namespace curriculum_run_test

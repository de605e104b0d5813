#include "sseg/experiment/growth_fork.hpp"

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace growth_fork_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;
using State = TrainState<MainNet, float>;

namespace {

RunConfig tiny_config() {
  RunConfig c = demo_config();
  c.data.count = 120;
  c.data.image_size = 16;
  c.data.probe_images = 24;
  c.evolution.seed_network.initial_channels = 6;
  c.ssl.projector = {.hidden = 16, .out = 8};
  c.train = {.steps = 20, .batch = 8, .probe_every = 3, .recalibrate_steps = 1};
  c.evaluation = {.episodes = 12, .way = 5, .query = 5, .copies = 0};
  return c;
}
State untrained(const RunConfig& c) { return untrained_state(c, {16, 16, 1}); }

std::optional<ForkReport> forked(const RunConfig& c, const State& s, const ForkSettings& settings, int threads = 2,
                                 bool stopped = false) {
  Cpu cpu(threads);
  const std::atomic<bool> stop{stopped};
  std::FILE* quiet = std::fopen("/dev/null", "w");
  const auto close = [&] { std::fclose(quiet); };
  try {
    auto report =
        fork_growth(cpu, c, training_shapes(c), s, {held_back_shapes(c), "held-back kinds"}, settings, stop, quiet);
    return close(), report;
  } catch (...) {
    close();
    throw;
  }
}
std::string text_of(const ForkReport& r) { return to_text(fields_to_json(r)); }

}  // namespace

TEST_CASE("The unchanged arm of a run's fork is pretraining that never grows") {
  RunConfig never = tiny_config();
  never.evolution.growth.max_blocks = never.evolution.growth.max_channels = 0;
  const sseg_test::TempFolder runs;
  Cpu cpu(2);
  std::FILE* quiet = std::fopen("/dev/null", "w");
  const Images images = training_shapes(never);
  const auto run = pretrain(cpu, never, images, RunFolder::create(runs.path(), "never"), {false}, {}, quiet);
  std::fclose(quiet);
  REQUIRE(run.state.history.empty());

  const RunConfig c = tiny_config();
  const RunInputs in = run_inputs(c, images);
  const State start = untrained(c);
  const auto fork = make_matched_fork(cpu, in.train, in.probe, c.train, main_recipe(c), in.fit);
  const auto arms = fork.run(start, fork.proposal(start).value(), c.train.steps, 0, {false}).value();
  CHECK(arms.plain.model.student.value == run.state.model.student.value);
  CHECK(arms.plain.model.teacher.value == run.state.model.teacher.value);
  CHECK(arms.plain.model.teacher.state == run.state.model.teacher.state);
  CHECK_FALSE(arms.grown.model.net == arms.plain.model.net);
}

TEST_CASE("A fork of a run says what was changed, for how long, and what came of it") {
  const RunConfig c = tiny_config();
  const auto report = forked(c, untrained(c), {.steps = 6, .orders = 3});
  REQUIRE(report.has_value());
  CHECK((report->step == 0 && report->steps == 6 && report->orders == 3 && report->seed == c.seed));
  CHECK(report->mutation.kind == "grow");
  CHECK(report->mutation.net_after != report->net_before);
  CHECK(report->mutation.params_after > report->mutation.params_before);
  CHECK(report->mutation.macs_after > report->mutation.macs_before);
  REQUIRE(report->rows.size() == 4);
  bool differ = false;
  for (const ForkRow& r : report->rows) {
    CHECK((r.over_episodes.n == 12 && r.over_orders.n == 3));
    CHECK(std::abs(r.grown - r.plain - r.over_episodes.mean) < 1e-9);
    CHECK(std::abs(r.grown - r.plain - r.over_orders.mean) < 1e-9);
    CHECK((r.snapshot > 20 && r.snapshot <= 100));
    differ = differ || r.over_orders.half_width95 > 0;
  }
  CHECK(differ);
  CHECK(text_of(*report) == text_of(*forked(c, untrained(c), {.steps = 6, .orders = 3}, 1)));
  CHECK_FALSE(forked(c, untrained(c), {.steps = 6}, 2, true).has_value());
}

TEST_CASE("A mutation that is not worth a step is worth nothing: equal accuracies hold 0") {
  // GROW keeps the function; at a rate of nearly nothing both arms stay where they were, and so do their features.
  RunConfig c = tiny_config();
  c.train.recalibrate_steps = 0;
  const auto report = forked(c, untrained(c), {.steps = 1, .rate = 1e-30f});
  REQUIRE(report.has_value());
  for (const ForkRow& r : report->rows) {
    CHECK(r.over_episodes.mean == 0);
    CHECK_FALSE(r.over_episodes.differs());
  }
}

TEST_CASE("The learning rate of a fork is the run's, or the one that is held") {
  RunConfig c = tiny_config();
  State s = untrained(c);
  s.step = 15;
  const MainRecipe recipe = main_recipe(c);
  const auto along = forked(c, s, {.steps = 3});
  CHECK(along->rate_first == static_cast<double>(recipe.rate({15, 20})));
  CHECK(along->rate_last == static_cast<double>(recipe.rate({17, 20})));
  CHECK(forked(c, s, {})->steps == 5);  // what is left, less than the 4 probes of 3 steps between two mutations

  s.step = 20;
  CHECK_THAT(message_of([&] { forked(c, s, {}); }), Contains("the run is at its end"));
  const auto held = forked(c, s, {.rate = 0.001f});
  CHECK(held->steps == 12);
  CHECK(held->rate_first == static_cast<double>(0.001f));
  CHECK(held->rate_last == static_cast<double>(0.001f));
  c.train.steps = 40;  // as for a run that is resumed for longer
  const auto longer = forked(c, s, {});
  CHECK(longer->steps == 12);
  CHECK(longer->rate_first == static_cast<double>(main_recipe(c).rate({20, 40})));
}

TEST_CASE("A fork of a run that cannot be is refused in words") {
  RunConfig c = tiny_config();
  const State s = untrained(c);
  CHECK_THAT(message_of([&] { forked(c, s, {.steps = 21}); }), Contains("20 steps left, the fork wants 21"));
  CHECK_THAT(message_of([&] { forked(c, s, {.orders = 0}); }), Contains("sizes of the fork"));
  c.evolution.growth.max_blocks = c.evolution.growth.max_channels = 0;
  CHECK_THAT(message_of([&] { forked(c, s, {}); }), Contains("no mutation to propose"));
  c = tiny_config();
  c.evaluation.query = 50;
  CHECK_FALSE(message_of([&] { forked(c, s, {}); }).empty());  // too few labelled images
}

}  // namespace growth_fork_test

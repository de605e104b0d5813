#include "sseg/experiment/pretrain.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/config_file.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/report/read_metrics.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/report/event_file.hpp"

namespace pretrain_test {

using namespace sseg;
namespace fs = std::filesystem;

namespace {

class TempRuns {
 public:
  explicit TempRuns(const std::string& name) : path_(fs::temp_directory_path() / ("sseg_pretrain_" + name)) {
    fs::remove_all(path_);
  }
  ~TempRuns() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

RunConfig tiny_config() {
  RunConfig c = demo_config();
  c.data.count = 120;
  c.data.image_size = 16;
  c.data.probe_images = 24;
  c.evolution.seed_network.initial_channels = 6;
  c.evolution.growth.trigger.max_wait = 1;
  c.ssl.projector = {.hidden = 16, .out = 8};
  c.train = {.steps = 20, .batch = 8, .probe_every = 4, .recalibrate_steps = 1};
  return c;
}

PretrainResult train(const RunConfig& config, const RunFolder& folder, int threads, const std::atomic<bool>& stop,
                     std::optional<TrainState<MainNet, float>> from = std::nullopt) {
  Cpu cpu(threads);
  std::FILE* quiet = std::fopen("/dev/null", "w");
  auto result = pretrain(cpu, config, training_shapes(config), folder, stop, std::move(from), quiet);
  std::fclose(quiet);
  return result;
}

std::string text_of(const fs::path& file) { return read_file(file, Index{1} << 28); }

/// The last step in metrics.csv so far, 0 without one; a line that is being written does not count.
Index last_look(const fs::path& metrics) {
  if (!fs::exists(metrics)) return 0;
  const std::string text = text_of(metrics);
  const auto end = text.rfind('\n');
  if (end == text.npos || end == 0) return 0;
  const auto begin = text.rfind('\n', end - 1);
  return begin == text.npos
             ? 0
             : from_text_value<Index>(text.substr(begin + 1, text.find(',', begin) - begin - 1)).value_or(0);
}

}  // namespace

TEST_CASE("Pretraining leaves a run folder that says everything") {
  const TempRuns runs("folder");
  const RunConfig config = tiny_config();
  const RunFolder folder = RunFolder::create(runs.path(), config.name);
  const auto result = train(config, folder, 2, {false});
  CHECK(result.finished());

  CHECK(text_of(folder.config()) == to_yaml(config));
  const std::string metrics = text_of(folder.metrics());
  CHECK(std::count(metrics.begin(), metrics.end(), '\n') == 1 + 5);  // a header and five looks at the probe
  const std::string json = text_of(folder.metrics_json_lines());
  CHECK(std::count(json.begin(), json.end(), '\n') == 5);
  const Json history = parse_json(text_of(folder.history()), "history");
  REQUIRE(history.size() == result.state.history.size());
  REQUIRE(history.size() >= 2);
  CHECK(history[0]["kind"] == "grow");
  CHECK(history[1]["kind"] == "widen");

  const auto events = sseg_test::values_in(sseg_test::newest_event_file(folder.path()));
  CHECK(events.at("training/probe").size() == 5);
  CHECK(events.at("mutations/text_summary").size() == history.size());
  CHECK(events.at("student/net/0/0/#0/0/0/weight").size() == 5);
  CHECK(events.at("_hparams_/session_end_info").at(0).step == 20);

  const auto checkpoint = load_checkpoint<MainNet>(folder.checkpoint());
  CHECK(checkpoint.state.model.teacher.value == result.state.model.teacher.value);
  CHECK(checkpoint.image == Shape{16, 16, 1});
  RunConfig read;
  fields_from_json(checkpoint.config, read, "config");
  CHECK(read == config);
  const auto dim = backbone(checkpoint.state.model.net).out_shape({1, 16, 16, 1}).count();
  CHECK(static_cast<Index>(checkpoint.base.mean.size()) == dim);
  CHECK(checkpoint.base.channels() == feature_channels(backbone(checkpoint.state.model.net)));
  CHECK(checkpoint.base == result.base);
}

TEST_CASE("A run that recomputes leaves the checkpoint of one that does not, and goes on from it") {
  const TempRuns runs("recompute");
  RunConfig config = tiny_config();
  const auto plain = train(config, RunFolder::create(runs.path(), "plain"), 2, {false});
  config.train.recompute = true;
  const RunFolder folder = RunFolder::create(runs.path(), "less");
  config.train.steps = 12;
  const auto half = train(config, folder, 1, {false});
  CHECK(half.finished());
  config.train.steps = 20;
  std::atomic<bool> stop{false};
  const RunFolder other = RunFolder::create(runs.path(), "whole");
  const auto whole = train(config, other, 1, stop);
  const auto checkpoint = load_checkpoint<MainNet>(other.checkpoint());
  CHECK(checkpoint.state.model.net == plain.state.model.net);
  CHECK(checkpoint.state.model.student.value == plain.state.model.student.value);
  CHECK(checkpoint.state.model.teacher.value == plain.state.model.teacher.value);
  CHECK(checkpoint.state.history == plain.state.history);
  CHECK(load_checkpoint<MainNet>(folder.checkpoint()).state.step == 12);
}

TEST_CASE("The config.yaml of a run makes the same run again, whatever preset it is put on") {
  const TempRuns runs("again");
  RunConfig config = tiny_config(), again = omniglot_config();
  config.evolution.growth.trigger = {.kind = "at_steps", .steps = {8, 16}};
  const RunFolder first = RunFolder::create(runs.path(), "first"), second = RunFolder::create(runs.path(), "second");
  train(config, first, 2, {false});
  load_config_file(first.config()).apply(again);
  train(again, second, 1, {false});
  CHECK(text_of(second.checkpoint()) == text_of(first.checkpoint()));
  CHECK(text_of(second.config()) == text_of(first.config()));
}

TEST_CASE("A run that was interrupted and resumed writes the very checkpoint of one that was not") {
  const TempRuns runs("resume");
  const RunConfig config = tiny_config();
  const RunFolder whole = RunFolder::create(runs.path(), "whole"), parts = RunFolder::create(runs.path(), "parts");
  train(config, whole, 2, {false});

  std::atomic<bool> stop{true};  // as by Ctrl-C before the first step
  CHECK_FALSE(train(config, parts, 1, stop).finished());
  CHECK(load_checkpoint<MainNet>(parts.checkpoint()).state.step == 0);
  stop = false;
  std::thread interrupt([&] {
    while (!fs::exists(parts.metrics()) || text_of(parts.metrics()).size() < 100) std::this_thread::yield();
    stop = true;  // somewhere in the middle
  });
  train(config, parts, 1, stop, load_checkpoint<MainNet>(parts.checkpoint()).state);
  interrupt.join();
  const auto middle = load_checkpoint<MainNet>(parts.checkpoint());
  CHECK(middle.state.step <= config.train.steps);
  train(config, parts, 2, {false}, middle.state);

  CHECK(text_of(parts.checkpoint()) == text_of(whole.checkpoint()));
  CHECK(text_of(parts.history()) == text_of(whole.history()));
  CHECK(text_of(parts.metrics()) == text_of(whole.metrics()));
  CHECK(text_of(parts.metrics_json_lines()) == text_of(whole.metrics_json_lines()));
  CHECK(text_of(parts.sensitivity()) == text_of(whole.sensitivity()));
  CHECK(text_of(whole.sensitivity()).size() > std::string("step,stage,sensitivity\n").size());
}

TEST_CASE("Watching neighbours changes no bit of the net, and a run that goes on sees the same") {
  const TempRuns runs("neighbours");
  const RunConfig blind = tiny_config();
  RunConfig config = blind;
  config.data.knn_images = 60;
  const RunFolder plain = RunFolder::create(runs.path(), "plain"), whole = RunFolder::create(runs.path(), "whole"),
                  parts = RunFolder::create(runs.path(), "parts");
  const auto without = train(blind, plain, 2, {false}), with = train(config, whole, 2, {false});
  CHECK(with.state.model.teacher.value == without.state.model.teacher.value);
  CHECK(with.state.model.student.value == without.state.model.student.value);
  CHECK(with.state.model.student.state == without.state.model.student.state);
  CHECK(text_of(whole.history()) == text_of(plain.history()));

  const auto seen = read_metrics(whole.metrics()), unseen = read_metrics(plain.metrics());
  REQUIRE(seen.size() == unseen.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK((seen[i].knn >= 0 && seen[i].knn <= 1));
    CHECK(std::abs(seen[i].knn * 60 - std::round(seen[i].knn * 60)) < 1e-9);  // a share of 60 pictures
    CHECK(std::isnan(unseen[i].knn));
    CHECK((seen[i].probe == unseen[i].probe && seen[i].loss == unseen[i].loss));
  }
  const auto& m = with.state.model;
  Cpu cpu(1);
  CHECK(neighbours_to_watch(config, training_shapes(config))->measure(cpu, backbone(m.net), m.teacher) ==
        seen.back().knn);
  CHECK(std::any_of(seen.begin(), seen.end(), [&](const MetricsRow& r) { return r.knn != seen.front().knn; }));

  std::atomic<bool> stop{true};
  train(config, parts, 1, stop);
  train(config, parts, 1, {false}, load_checkpoint<MainNet>(parts.checkpoint()).state);
  CHECK(text_of(parts.metrics()) == text_of(whole.metrics()));
  CHECK(text_of(parts.checkpoint()) == text_of(whole.checkpoint()));

  Images none = training_shapes(config);
  none.label.clear();
  const auto refused = sseg_test::message_of([&] { neighbours_to_watch(config, none); });
  CHECK_THAT(refused, sseg_test::Contains("no labels") && sseg_test::Contains("data.knn_images"));
  CHECK_FALSE(neighbours_to_watch(blind, none));
  config.data.knn_images = 500;  // more than there are
  CHECK(neighbours_to_watch(config, training_shapes(config))->size() == 120);
}

TEST_CASE("Early stopping ends a resumed run where it ends one that was never stopped") {
  const TempRuns runs("early_resume");
  RunConfig config = tiny_config();
  config.train.steps = 60;
  config.early_stop = {.patience = 4, .min_gain = 0.5};  // the first look is the best that counts
  config.evolution.growth.trigger = {.kind = "at_steps", .steps = {12}};
  const RunFolder whole = RunFolder::create(runs.path(), "whole"), parts = RunFolder::create(runs.path(), "parts");
  const auto full = train(config, whole, 2, {false});
  REQUIRE(full.ending == Ending::early_stop);
  REQUIRE(full.state.history.size() == 1);  // which starts the count anew
  CHECK(full.state.step == 28);

  const auto interrupted = [&] {  // behind the mutation; whether before the end, the machine decides
    fs::remove(parts.metrics());
    std::atomic<bool> stop{false};
    std::thread interrupt([&] {
      while (last_look(parts.metrics()) < 20) std::this_thread::yield();
      stop = true;
    });
    train(config, parts, 1, stop);
    interrupt.join();
    return load_checkpoint<MainNet>(parts.checkpoint()).state;
  };
  auto middle = interrupted();
  for (int again = 0; again < 20 && middle.step == full.state.step; ++again) middle = interrupted();
  REQUIRE(middle.step < full.state.step);
  const auto rest = train(config, parts, 2, {false}, std::move(middle));
  CHECK(rest.ending == Ending::early_stop);
  CHECK(rest.state.step == full.state.step);
  CHECK(text_of(parts.metrics()) == text_of(whole.metrics()));
  CHECK(text_of(parts.metrics_json_lines()) == text_of(whole.metrics_json_lines()));
  CHECK(text_of(parts.checkpoint()) == text_of(whole.checkpoint()));

  // The run is over: going on without more patience changes nothing, as after a kill before the last checkpoint.
  const auto over = train(config, parts, 2, {false}, load_checkpoint<MainNet>(parts.checkpoint()).state);
  CHECK(over.ending == Ending::early_stop);
  CHECK(text_of(parts.checkpoint()) == text_of(whole.checkpoint()));
}

TEST_CASE("A run with every task and routing goes on after a stop with the same bits") {
  const TempRuns runs("all_tasks");
  RunConfig config = tiny_config();
  config.ssl.distillation.weight = 0.5f;
  config.ssl.dino = {.weight = 1, .hidden = 8, .bottleneck = 4, .prototypes = 12, .frozen_steps = 3, .local_crops = 2};
  config.ssl.rotation.enabled = true;
  config.ssl.proto_clr = {.weight = 0.5f, .queries = 2};
  config.nase = {.enabled = true, .router = {.ramp_steps = 8, .update_every = 4}};
  const RunFolder whole = RunFolder::create(runs.path(), "whole"), parts = RunFolder::create(runs.path(), "parts");
  train(config, whole, 2, {false});
  RunConfig half = config;
  std::atomic<bool> stop{false};
  std::thread interrupt([&] {
    while (!fs::exists(parts.metrics()) || text_of(parts.metrics()).size() < 100) std::this_thread::yield();
    stop = true;
  });
  train(half, parts, 1, stop);
  interrupt.join();
  train(config, parts, 2, {false}, load_checkpoint<MainNet>(parts.checkpoint()).state);
  CHECK(text_of(parts.checkpoint()) == text_of(whole.checkpoint()));
  CHECK(text_of(parts.metrics()) == text_of(whole.metrics()));
  CHECK(text_of(parts.metrics_json_lines()) == text_of(whole.metrics_json_lines()));
  CHECK(text_of(whole.checkpoint()).find("memory/dino") != std::string::npos);
}

TEST_CASE("The demo grows and widens whatever its probe does") {
  const RunConfig c = demo_config();
  const AnyTrigger plateau = main_recipe(c).growth.trigger;
  AnyTrigger::Memory memory;
  int mutations = 0;
  for (Index step = c.train.probe_every; step < c.train.steps; step += c.train.probe_every)
    if (plateau.due(memory, static_cast<double>(step))) {  // rises for ever
      ++mutations;
      plateau.mutated(memory);
    }
  CHECK(mutations >= 2);
}

TEST_CASE("A run that its own limits end is finished, says which, and can go on") {
  const TempRuns runs("limits");
  RunConfig config = tiny_config();
  config.early_stop = {.patience = 1, .min_gain = 10};  // no probe gains so much
  config.evolution.growth.trigger.kind = "never";
  const RunFolder folder = RunFolder::create(runs.path(), "early");
  const auto early = train(config, folder, 2, {false});
  CHECK(early.ending == Ending::early_stop);
  CHECK(early.state.step == 2 * config.train.probe_every);
  CHECK_FALSE(load_checkpoint<MainNet>(folder.checkpoint()).base.mean.empty());

  config.early_stop.patience = 0;
  config.time_budget.seconds = 1e-6;
  const RunFolder timed = RunFolder::create(runs.path(), "timed");
  CHECK(train(config, timed, 2, {false}).ending == Ending::time_budget);
  config.time_budget.seconds = 0;
  CHECK(train(config, timed, 2, {false}, load_checkpoint<MainNet>(timed.checkpoint()).state).ending ==
        Ending::last_step);

  config.ssl.collapse = {.every = 2, .min_std = 0.99, .patience = 2, .stop = true};  // stricter than any net could be
  CHECK(train(config, RunFolder::create(runs.path(), "flat"), 2, {false}).ending == Ending::collapse);
}

}  // namespace pretrain_test

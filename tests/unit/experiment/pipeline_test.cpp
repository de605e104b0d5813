#include "sseg/experiment/pipeline.hpp"

#include <map>
#include <string>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/pipeline_stages.hpp"
#include "support/catch.hpp"
#include "tiny_runs.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace pipeline_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

/// A backend that does nothing: stages of these tests only count.
struct Nothing {};

struct Counted {
  std::map<std::string, int> runs{};
  std::string fails{}, stops{};
  std::filesystem::path root{};
  std::atomic<bool> stop{false};
  std::string said{};

  std::vector<PipelineStage<Nothing>> stages() {
    const auto stage = [this](std::string_view name, std::vector<std::string_view> needs,
                              std::vector<std::string_view> uses, auto inputs) {
      const auto run = [this, name](StageWork<Nothing>& work) {
        const std::string text(name);
        work.record.folder = (root / "out" / (text + std::to_string(++runs[text]))).string();
        std::filesystem::create_directories(work.record.folder);
        if (fails == name) throw Error("no luck", text, "try again");
        if (stops == name) stop = true;
        return stops != name;
      };
      return PipelineStage<Nothing>{name, needs, uses, inputs, run};
    };
    return {stage("train", {}, {}, [](const ExperimentPipeline& p) { return std::to_string(p.config.train.steps); }),
            stage("evaluate", {"train"}, {},
                  [](const ExperimentPipeline& p) { return std::to_string(p.config.evaluation.way); }),
            stage("ablation", {}, {}, [](const ExperimentPipeline&) { return std::string(); }),
            stage("export", {"train"}, {"ablation"}, [](const ExperimentPipeline&) { return std::string(); })};
  }
  PipelineEnding run(ExperimentPipeline p, const PipelineRun& how = {}) {
    p.settings.output_dir = (root / "out").string();
    stop = false;
    Nothing nothing;
    const std::filesystem::path log = root / "log";
    std::FILE* file = std::fopen(log.c_str(), "w");
    try {
      const PipelineEnding ending = run_pipeline(nothing, p, stages(), how, stop, "full_pipeline p.json", file);
      std::fclose(file);
      said = read_file(log);
      return ending;
    } catch (...) {
      std::fclose(file);
      throw;
    }
  }
};

ExperimentPipeline all_on() {
  return parse_pipeline("stages: {train: on, evaluate: on, ablation: on, export: on}", "p.json");
}
using Runs = std::map<std::string, int>;

}  // namespace

TEST_CASE("a finished stage runs again only when its settings or what it was made from have changed") {
  const sseg_test::TempFolder folder;
  Counted c{.root = folder.path()};
  ExperimentPipeline p = all_on();
  CHECK(c.run(p) == PipelineEnding::finished);
  CHECK(c.runs == Runs{{"train", 1}, {"evaluate", 1}, {"ablation", 1}, {"export", 1}});
  CHECK(c.run(p) == PipelineEnding::finished);
  CHECK(c.runs == Runs{{"train", 1}, {"evaluate", 1}, {"ablation", 1}, {"export", 1}});
  CHECK_THAT(c.said, Contains("train: finished before"));

  p.config.evaluation.way = 4;
  c.run(p);
  CHECK(c.runs == Runs{{"train", 1}, {"evaluate", 2}, {"ablation", 1}, {"export", 1}});
  p.config.train.steps = 4;
  c.run(p);
  CHECK(c.runs == Runs{{"train", 2}, {"evaluate", 3}, {"ablation", 1}, {"export", 2}});
  std::filesystem::remove_all(folder / "out" / "ablation1");  // what it made is gone
  c.run(p);
  CHECK(c.runs == Runs{{"train", 2}, {"evaluate", 3}, {"ablation", 2}, {"export", 3}});
  c.run(p, {"", true});
  CHECK(c.runs == Runs{{"train", 3}, {"evaluate", 4}, {"ablation", 3}, {"export", 4}});
}

TEST_CASE("a stage goes on in its folder only when it was interrupted with the same settings") {
  const sseg_test::TempFolder folder;
  std::vector<std::string> begins_in;
  ExperimentPipeline p = parse_pipeline("stages: {train: on}", "p.json");
  p.settings.output_dir = (folder / "out").string();
  const auto run = [&](const PipelineRun& how, const std::string& makes, bool finishes) {
    const auto inputs = [](const ExperimentPipeline& e) { return std::to_string(e.config.train.steps); };
    const auto stage = [&](StageWork<Nothing>& work) {
      begins_in.push_back(std::filesystem::path(work.record.folder).filename().string());
      CHECK(work.fresh == how.fresh);
      work.record.folder = (folder / "out" / makes).string();
      std::filesystem::create_directories(work.record.folder);
      return finishes;
    };
    const sseg_test::Quiet quiet;
    Nothing nothing;
    return run_pipeline(nothing, p, {PipelineStage<Nothing>{"train", {}, {}, inputs, stage}}, how, {false}, "program",
                        quiet.get());
  };
  CHECK(run({}, "a", false) == PipelineEnding::interrupted);
  CHECK(run({}, "b", false) == PipelineEnding::interrupted);
  p.config.train.steps += 1;
  CHECK(run({}, "c", false) == PipelineEnding::interrupted);
  CHECK(run({"", true}, "d", false) == PipelineEnding::interrupted);
  CHECK(run({}, "e", true) == PipelineEnding::finished);
  CHECK(run({"", true}, "f", true) == PipelineEnding::finished);
  CHECK(begins_in == std::vector<std::string>{"", "a", "", "", "d", ""});
}

TEST_CASE("what decides a stage's result is in its inputs") {
  ExperimentPipeline p = all_on();
  const auto changes = [&](std::size_t stage, const auto& change) {
    ExperimentPipeline other = p;
    change(other);
    const auto inputs = pipeline_stages<Cpu>()[stage].inputs;
    return inputs(other) != inputs(p);
  };
  const auto evaluate = [](ExperimentPipeline& q) { q.settings.evaluate = "pictures.zip"; };
  const auto split = [](ExperimentPipeline& q) { q.settings.split = "test"; };
  const auto seed = [](ExperimentPipeline& q) { q.config.seed += 1; };
  CHECK((changes(2, evaluate) && changes(2, split) && changes(2, seed) && changes(1, seed)));
  CHECK_FALSE((changes(1, evaluate) || changes(1, split)));
  CHECK(changes(0, [](ExperimentPipeline& q) { q.config.data.count += 1; }));
  CHECK(changes(3, [](ExperimentPipeline& q) { q.ablation->base.seed += 1; }));
  CHECK(changes(3, [](ExperimentPipeline& q) { q.ablation->settings.seeds = {7}; }));
  CHECK(changes(3, [](ExperimentPipeline& q) { q.ablation->variants[1].overrides = {"optim.rate=1"}; }));
  CHECK(changes(3, [](ExperimentPipeline& q) { q.ablation->variants[1].method = "raw_pixels"; }));
  CHECK(changes(3, [](ExperimentPipeline& q) { q.ablation->variants.pop_back(); }));
}

TEST_CASE("one stage alone runs when what it needs is there") {
  const sseg_test::TempFolder folder;
  Counted c{.root = folder.path()};
  const ExperimentPipeline p = all_on();
  CHECK(c.run(p, {"evaluate", false}) == PipelineEnding::failed);
  CHECK_THAT(c.said, Contains("evaluate needs the stage train") && Contains("run --only train"));
  CHECK(c.run(p, {"train", false}) == PipelineEnding::finished);
  CHECK(c.run(p, {"evaluate", false}) == PipelineEnding::finished);
  CHECK(c.runs == Runs{{"train", 1}, {"evaluate", 1}});
  CHECK_THAT(message_of([&] { c.run(p, {"trian", false}); }), Contains("there is no such stage"));

  ExperimentPipeline other = p;
  other.config.train.steps = p.config.train.steps + 1;
  CHECK(c.run(other, {"evaluate", false}) == PipelineEnding::failed);
  CHECK_THAT(c.said, Contains("finished with other settings"));
  CHECK(c.runs == Runs{{"train", 1}, {"evaluate", 1}});
}

TEST_CASE("a copied output folder starts anew: the original's folders are not touched") {
  const sseg_test::TempFolder folder;
  Counted c{.root = folder.path()};
  const ExperimentPipeline p = all_on();
  c.run(p);
  PipelineState state = load_pipeline_state(folder / "out" / "stages.json");
  state.of("train").folder = (folder / "elsewhere").string();
  std::filesystem::create_directories(folder / "elsewhere");
  save_pipeline_state(folder / "out" / "stages.json", state);
  c.run(p);
  CHECK(c.runs["train"] == 2);
}

TEST_CASE("a stage that fails or is stopped says how to go on, and what was finished is kept") {
  const sseg_test::TempFolder folder;
  Counted c{.fails = "evaluate", .root = folder.path()};
  const ExperimentPipeline p = all_on();
  CHECK(c.run(p) == PipelineEnding::failed);
  CHECK_THAT(c.said, Contains("no luck") && Contains("full_pipeline p.json --only evaluate"));
  CHECK(c.runs == Runs{{"train", 1}, {"evaluate", 1}});
  PipelineState state = load_pipeline_state(folder / "out" / "stages.json");
  CHECK(state.of("evaluate").status == "failed");
  CHECK_THAT(state.of("evaluate").message, Contains("no luck"));

  c.fails.clear();
  c.stops = "evaluate";
  CHECK(c.run(p) == PipelineEnding::interrupted);
  CHECK_THAT(c.said, Contains("evaluate: stopped") && Contains("to go on: full_pipeline p.json"));
  CHECK(load_pipeline_state(folder / "out" / "stages.json").of("evaluate").status == "running");
  CHECK(load_pipeline_state(folder / "out" / "stages.json").of("evaluate").message.empty());
  c.stops.clear();
  CHECK(c.run(p) == PipelineEnding::finished);
  CHECK(c.runs == Runs{{"train", 1}, {"evaluate", 3}, {"ablation", 1}, {"export", 1}});
}

TEST_CASE("another evaluation does not train again, another whitening does") {
  ExperimentPipeline p = all_on();
  const std::string before = detail::training_text(p);
  p.config.evaluation.way = 3;
  CHECK(detail::training_text(p) == before);
  p.config.evaluation.whitening.images = 3;
  CHECK(detail::training_text(p) != before);
}

TEST_CASE("a state that cannot be read is refused") {
  const sseg_test::TempFolder folder;
  folder.add("out/stages.json", "{\"format\": 2, \"stages\": []}");
  Counted c{.root = folder.path()};
  CHECK_THAT(message_of([&] { c.run(all_on()); }), Contains("another format") && Contains("stages.json"));
  folder.add("out/stages.json", "{");
  CHECK_THAT(message_of([&] { c.run(all_on()); }), Contains("not valid JSON"));
}

TEST_CASE("all six stages run on generated pictures, and an interrupted training goes on in its folder") {
  const sseg_test::TempFolder folder;
  std::vector<std::string> settings = sseg_test::tiny_settings();
  settings.insert(settings.end(),
                  {"data.count=40", "curriculum.channels=1", "data.train_kinds=10", "evaluation.copies=0"});
  ExperimentPipeline p = parse_pipeline(
      "stages: {generate_curriculum: on, train: on, evaluate: on, ablation: on, analyze: on, export: on}\n"
      "config: exp.yaml",
      [&] {
        folder.add("exp.yaml", "preset: curriculum\nablation: {seeds: [1], baselines: [untrained]}\n");
        return folder / "p.yaml";
      }(),
      settings);
  p.settings.output_dir = (folder / "out").string();
  Cpu cpu(1);
  const sseg_test::Quiet quiet;
  const auto run = [&](const std::atomic<bool>& stop) {
    return run_pipeline(cpu, p, pipeline_stages<Cpu>(), {}, stop, "full_pipeline", quiet.get());
  };
  CHECK(run({true}) == PipelineEnding::interrupted);  // behind generate_curriculum
  std::vector<PipelineStage<Cpu>> only_train{pipeline_stages<Cpu>()[1]};
  CHECK(run_pipeline(cpu, p, only_train, {}, {true}, "full_pipeline", quiet.get()) == PipelineEnding::interrupted);
  const std::string run_folder = load_pipeline_state(folder / "out" / "stages.json").of("train").folder;
  CHECK(run({false}) == PipelineEnding::finished);
  PipelineState state = load_pipeline_state(folder / "out" / "stages.json");
  CHECK(state.of("train").folder == run_folder);
  CHECK(state.stages.size() == 6);
  for (const StageRecord& s : state.stages) CHECK(s.status == "finished");
  CHECK(std::filesystem::exists(folder / "out" / "curriculum" / "manifest.csv"));
  CHECK(std::filesystem::exists(std::filesystem::path(run_folder) / "eval.json"));
  const std::string results = read_file(folder / "out" / "results" / "results.tex");
  CHECK_THAT(results, Contains("untrained") && Contains("seeds"));
  CHECK_THAT(read_file(folder / "out" / "results" / "ablation.md"), Contains("untrained"));
}

TEST_CASE("a pipeline run afresh trains and evaluates the cells of its ablation again, and keeps other cells") {
  const sseg_test::TempFolder folder;
  folder.add("exp.yaml", "ablation: {seeds: [1], variants: {fast: [optim.rate=0.02]}}\n");
  ExperimentPipeline p =
      parse_pipeline("stages: {ablation: on}\nconfig: exp.yaml", folder / "p.yaml", sseg_test::tiny_settings());
  p.settings.output_dir = (folder / "out").string();
  const auto cells = ablation_cells(p.ablation.value(), folder / "out" / "ablation");
  REQUIRE(cells.size() == 2);
  Cpu cpu(1);
  const sseg_test::Quiet quiet;
  const auto run = [&](const PipelineRun& how) {
    CHECK(run_pipeline(cpu, p, {pipeline_stages<Cpu>()[3]}, how, {false}, "full_pipeline", quiet.get()) ==
          PipelineEnding::finished);
  };
  run({});
  const std::string result = read_file(cells[1].result_file());
  folder.add("out/ablation/cells/fast/seed_9-other/cell.json", "{}");
  for (const AblationCell& cell : cells) {
    write_file_atomically(cell.folder / "earlier", "");
    CHECK(std::filesystem::remove(RunFolder(cell.folder).checkpoint()));
  }
  run({});
  for (const AblationCell& cell : cells) CHECK(std::filesystem::exists(cell.folder / "earlier"));
  run({"", true});
  for (const AblationCell& cell : cells) {
    CHECK_FALSE(std::filesystem::exists(cell.folder / "earlier"));
    CHECK(std::filesystem::exists(RunFolder(cell.folder).checkpoint()));
  }
  CHECK(read_file(cells[1].result_file()) == result);
  CHECK(std::filesystem::exists(folder / "out/ablation/cells/fast/seed_9-other/cell.json"));
}

TEST_CASE("generating pictures begins anew what was killed on its way, and never removes other pictures") {
  const sseg_test::TempFolder folder;
  ExperimentPipeline p = parse_pipeline(
      "stages: {generate_curriculum: on}\nconfig: exp.yaml\noverrides: [data.count=4, data.image_size=16]", [&] {
        folder.add("exp.yaml", "preset: curriculum\n");
        return folder / "p.yaml";
      }());
  p.settings.output_dir = (folder / "out").string();
  Cpu cpu(1);
  const sseg_test::Quiet quiet;
  const auto run = [&] {
    return run_pipeline(cpu, p, {pipeline_stages<Cpu>()[0]}, {"", true}, {false}, "full_pipeline", quiet.get());
  };
  folder.add("out/curriculum.part/manifest.csv", "");
  CHECK(run() == PipelineEnding::finished);
  CHECK_FALSE(std::filesystem::exists(folder / "out/curriculum.part"));
  CHECK(std::filesystem::exists(folder / "out/curriculum/manifest.csv"));
  std::filesystem::remove(folder / "out/curriculum/manifest.csv");
  CHECK(run() == PipelineEnding::failed);
  CHECK_THAT(load_pipeline_state(folder / "out" / "stages.json").of("generate_curriculum").message,
             Contains("no folder of a curriculum"));
  CHECK(std::filesystem::exists(folder / "out/curriculum/level_1"));
}

TEST_CASE("the cells of the ablation run as processes where there are jobs and a command, and failures are told") {
  const sseg_test::TempFolder folder;
  folder.add("exp.yaml", "preset: demo\nablation: {seeds: [1, 2], baselines: [raw_pixels]}\n");
  ExperimentPipeline p = parse_pipeline("stages: {ablation: on}\nconfig: exp.yaml\njobs: 2", folder / "p.yaml",
                                        sseg_test::tiny_settings());
  CHECK(p.settings.jobs == 2);
  p.settings.output_dir = (folder / "out").string();
  Cpu cpu(1);
  const sseg_test::Quiet quiet;
  const auto command = [](const AblationCell& cell) {
    return ProcessCommand{{"/bin/sh", "-c", "exit 3", cell.name()}, cell.folder / "log.txt"};
  };
  const auto run = [&] {
    return run_pipeline(cpu, p, pipeline_stages<Cpu>(command), {}, {false}, "full_pipeline", quiet.get());
  };
  CHECK(run() == PipelineEnding::failed);
  const std::string said = load_pipeline_state(folder / "out" / "stages.json").of("ablation").message;
  CHECK_THAT(said, Contains("3 cells failed") && Contains("exit code 3") && Contains("log.txt"));

  p.settings.jobs = 1;  // all in this process: the command is not used
  CHECK(run() == PipelineEnding::finished);
  for (const AblationCell& cell : ablation_cells(*p.ablation, p.ablation_folder())) CHECK(cell.finished());
  p.settings.jobs = 2;  // how it is run decides no result: finished before
  CHECK(run() == PipelineEnding::finished);

  CHECK(run_cell_named(cpu, *p.ablation, p.ablation_folder(), "base/2", {false}, quiet.get()));
  CHECK_THAT(message_of([&] { run_cell_named(cpu, *p.ablation, p.ablation_folder(), "base/3", {false}); }),
             Contains("no cell 'base/3'"));
}

}  // namespace pipeline_test

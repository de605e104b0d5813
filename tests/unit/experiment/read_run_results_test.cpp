#include "sseg/experiment/read_run_results.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace read_run_results_test {

namespace fs = std::filesystem;
using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace {

/// A run folder without anything that only training needs.
class MadeUpRun {
 public:
  MadeUpRun(const TempFolder& root, const std::string& name, const RunConfig& config) : path_(root / name) {
    fs::create_directories(path_);
    SafeTensors checkpoint;
    checkpoint.metadata["config"] = to_text(fields_to_json(config));
    checkpoint.save(path_ / "checkpoint.safetensors");
  }
  const fs::path& path() const { return path_; }
  void add(const std::string& file, const std::string& text) const { write_file_atomically(path_ / file, text); }
  RunResults read() const { return read_run_results(path_); }

 private:
  fs::path path_;
};

MadeUpRun evaluated_run(const TempFolder& root, const std::string& name, std::uint64_t seed) {
  RunConfig config;
  config.seed = seed;
  MadeUpRun run(root, name, config);
  write_few_shot(run.path() / "eval.json", {{.net = "trained", .dataset = "shapes", .accuracy = 60, .ci95 = 0.5}});
  return run;
}

}  // namespace

TEST_CASE("what a run left behind is read as it was written") {
  const TempFolder root;
  const MadeUpRun run = evaluated_run(root, "demo/one", 3);
  RunResults r = run.read();
  CHECK((r.label == "demo/one" && r.config.seed == 3));
  REQUIRE(r.few_shot.size() == 1);
  CHECK((r.few_shot[0].net == "trained" && r.few_shot[0].accuracy == 60));
  CHECK_THAT(r.few_shot_interval, Contains("1.96·s/√episodes"));
  CHECK((r.differences.empty() && r.omniglot.empty() && r.history.empty() && r.metrics.empty() && !r.fork && !r.meta));

  write_few_shot<FewShotComparison>(run.path() / "eval.json", {},
                                    {{.net = "a", .against = "b", .difference = {1, 2, 3}}});
  write_omniglot(run.path() / "eval_runs.json", {{.net = "trained", .run_errors = {0, 10}}});
  write_fork(run.path() / "fork.json", {.step = 40, .rows = {{.way = 5}}});
  write_paths(run.path() / "eval_paths.json", {{.masks = {.kept = 0.5}}, {}});
  run.add("history.json",
          to_text(fields_to_json(History{{.step = 50, .kind = "widen", .place = "", .net_after = "", .edit = {}}})));
  run.add("metrics.csv", "step,loss\n50,2\n100,1.5\n15");
  run.add("meta.json", to_text(fields_to_json(RunMeta{.status = "finished"})));
  r = run.read();
  CHECK((r.few_shot.empty() && r.differences.at(0).against == "b" && r.differences[0].difference.n == 3));
  CHECK(r.omniglot.at(0).run_errors == std::vector<double>{0, 10});
  CHECK_THAT(r.omniglot_score, Contains("mean of the run errors"));
  CHECK((r.paths.size() == 2 && r.paths[0].masks.kept == 0.5));
  CHECK((r.fork->step == 40 && r.fork->rows.at(0).way == 5));
  CHECK((r.history.at(0).kind == "widen" && r.metrics.size() == 2 && r.metrics[1].loss == 1.5));
  CHECK(r.meta->status == "finished");
}

TEST_CASE("a folder that is no run, or a run that was not evaluated, is refused with the cure") {
  const TempFolder root;
  CHECK_THAT(message_of([&] { read_run_results(root / "none"); }), Contains("this is no run folder"));
  CHECK_THAT(message_of([&] { read_run_results(root.path()); }), Contains(root.path().string()));
  const MadeUpRun run(root, "demo/one", RunConfig());
  CHECK_THAT(message_of([&] { run.read(); }), Contains("first: evaluate_fewshot --checkpoint " + run.path().string()));
  write_paths(run.path() / "eval_paths.json", {});  // one of the three is enough
  CHECK(run.read().few_shot.empty());
  run.add("checkpoint.safetensors", "damaged");
  run.add("eval.json", "{}");
  CHECK_THAT(message_of([&] { run.read(); }), Contains("checkpoint.safetensors"));
}

TEST_CASE("a damaged report is refused with its file and place") {
  const TempFolder root;
  const MadeUpRun run = evaluated_run(root, "demo/one", 1);
  const auto message = [&](const std::string& file, const std::string& text) {
    const std::string before = fs::exists(run.path() / file) ? read_file(run.path() / file) : "";
    run.add(file, text);
    std::string said = message_of([&] { run.read(); });
    if (before.empty())
      fs::remove(run.path() / file);
    else
      run.add(file, before);
    return said;
  };
  CHECK_THAT(message("eval.json", "{\"results\": [\n  {\"net\""), Contains("eval.json:2:"));
  CHECK_THAT(message("eval.json", "[]"), Contains("found no object"));
  CHECK_THAT(message("eval.json", "{}"), Contains("the report has no 'results'"));
  CHECK_THAT(message("eval.json", R"({"results":[{"net":"a"},{"way":"five"}]})"), Contains("eval.json.results[1].way"));
  CHECK_THAT(message("eval.json", R"({"results":[],"comparisons":7})"), Contains("eval.json.comparisons"));
  CHECK_THAT(message("eval_runs.json", R"({"results":[{"runs":1e99}]})"), Contains("eval_runs.json.results[0].runs"));
  CHECK_THAT(message("eval_paths.json", "{}"), Contains("the report has no 'reports'"));
  CHECK_THAT(message("fork.json", "{}"), Contains("the report has no 'fork'"));
  CHECK_THAT(message("history.json", "{}"), Contains("history.json"));
  CHECK_THAT(message("metrics.csv", "step,loss\n1,x\n"), Contains("column 'loss'"));
  CHECK_THAT(message("meta.json", "nothing"), Contains("meta.json"));
  CHECK(message_of([&] { run.read(); }).empty());
}

TEST_CASE("a run is named once, and runs of the same name are told apart by their path") {
  const TempFolder root;
  const fs::path one = evaluated_run(root, "a/demo/one", 1).path(), two = evaluated_run(root, "b/demo/one", 2).path();
  fs::create_directory_symlink("one", root / "a/demo/latest");
  CHECK_THAT(message_of([&] { read_runs({one, root / "a/demo/latest"}); }), Contains("a run is named twice"));
  const auto runs = read_runs({root / "a/demo/latest", two});
  CHECK(runs[0].label == "demo/one");
  CHECK(runs[1].label == two.string());
}

TEST_CASE("several eval.json are runs of their seeds, also an older one") {
  const TempFolder root;
  const auto add = [&](const std::string& name, std::uint64_t seed, double accuracy) {
    write_few_shot(root / name, {{.net = "trained", .dataset = "shapes", .seed = seed, .accuracy = accuracy}});
    return root / name;
  };
  const fs::path three = add("three.json", 3, 44), one = add("one.json", 1, 40);
  root.add("older.json", R"({"results": [{"net": "trained", "dataset": "shapes", "seed": 2, "accuracy": 43.5}]})");
  const auto runs = read_evaluations({three, one, root / "older.json"});
  REQUIRE(runs.size() == 3);
  CHECK((runs[0].label == three.string() && runs[0].config.seed == 3 && runs[0].few_shot.at(0).accuracy == 44));
  CHECK((runs[2].config.seed == 2 && runs[2].few_shot.at(0).inductive && runs[2].few_shot_interval.empty()));
  CHECK(read_evaluations({}).empty());

  const auto message = [&](const std::vector<fs::path>& files) { return message_of([&] { read_evaluations(files); }); };
  CHECK_THAT(message({one, add("again.json", 1, 41)}), Contains("seed 1 occurs twice") && Contains("again.json"));
  write_few_shot(root / "mixed.json", {{.net = "a", .seed = 1}, {.net = "a", .seed = 2}});
  CHECK_THAT(message({root / "mixed.json"}), Contains("results of several seeds"));
  root.add("empty.json", R"({"results": []})");
  CHECK_THAT(message({root / "empty.json"}), Contains("has no results"));
  root.add("other.json", R"({"results": [{"nett": "trained"}]})");
  CHECK_THAT(message({root / "other.json"}), Contains("did you mean 'net'?"));
  CHECK_THAT(message({root / "none.json"}), Contains("none.json"));
}

}  // namespace read_run_results_test

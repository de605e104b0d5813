#include "sseg/experiment/ablation.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>

#include "sseg/backend/cpu.hpp"
#include "support/catch.hpp"
#include "tiny_runs.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace ablation_test {

using namespace sseg;
using sseg_test::Contains;

namespace {

AblationPlan tiny_plan(const std::string& ablation) {
  const ConfigFile file = parse_config_file("ablation: " + ablation, "a.yaml");
  RunConfig base = demo_config();
  for (const std::string& s : sseg_test::tiny_settings()) apply_override(base, s);
  return ablation_plan(file, base);
}

AblationOutcome run(const AblationPlan& plan, const std::filesystem::path& root,
                    const std::atomic<bool>& stop = {false}) {
  Cpu cpu(1);
  const sseg_test::Quiet quiet;
  return run_ablation(cpu, plan, root, 1, {}, stop, quiet.get());
}

const AblationRow& row_of(const AblationReport& report, const std::string& variant, Index shot) {
  const AblationRow* row = detail::shown_row(report, variant, shot, "");
  REQUIRE(row != nullptr);
  return *row;
}

std::string text_of(const std::filesystem::path& file) { return read_file(file, Index{1} << 28); }

}  // namespace

TEST_CASE("a grid leaves run folders, one report, and differences in the same episodes and seeds") {
  const sseg_test::TempFolder folder;
  const AblationPlan plan = tiny_plan(
      "{seeds: [1, 2], baselines: [untrained, fixed_final, raw_pixels], variants: {same: [], fast: "
      "[optim.rate=0.02]}}");
  const AblationOutcome outcome = run(plan, folder.path());
  CHECK_FALSE(outcome.interrupted);
  CHECK(outcome.failed.empty());
  const auto cells = ablation_cells(plan, folder.path());
  CHECK(cells.size() == 11);  // five variants with two seeds, raw pixels with one
  CHECK(cells.back().variant.name == "fixed_final");
  for (const AblationCell& cell : cells) {
    CHECK(cell.finished());
    CHECK(std::filesystem::exists(RunFolder(cell.folder).config()));
    CHECK(std::filesystem::exists(RunFolder(cell.folder).evaluation()));
  }
  const AblationReport& report = outcome.report;
  const AblationRow &base = row_of(report, "base", 1), &same = row_of(report, "same", 1),
                    &pixels = row_of(report, "raw_pixels", 1);
  CHECK(base.accuracies == same.accuracies);
  CHECK(same.over_seeds == PairedDifference{0, 0, 2});
  CHECK(same.over_episodes == PairedDifference{0, 0, 10});
  CHECK(base.over_seeds.n == 0);
  CHECK(base.accuracy.mean == Approx((base.accuracies[0] + base.accuracies[1]) / 2));
  const double half = std::abs(base.accuracies[0] - base.accuracies[1]) / 2;  // t·s/√2 = 12.706·|a − b|/2
  CHECK(base.accuracy.half_width95 == Approx(12.7062 * half).epsilon(1e-4));
  CHECK(pixels.accuracies.size() == 1);
  CHECK(pixels.over_seeds.n == 2);
  CHECK(pixels.over_seeds.mean == Approx(pixels.accuracies[0] - base.accuracy.mean));
  CHECK(pixels.over_seeds.half_width95 == Approx(base.accuracy.half_width95));
  CHECK(row_of(report, "fast", 5).accuracies != row_of(report, "base", 5).accuracies);

  const auto of = [&](const std::string& name) {
    return read_cell(*std::find_if(cells.begin(), cells.end(), [&](const auto& c) { return c.name() == name; }));
  };
  CHECK(of("fixed_final/2").net == of("base/2").net);
  CHECK(of("fixed_final/2").mutations == 0);
  CHECK(of("base/2").mutations > 0);
  CHECK(of("fixed_final/2").training_macs == Approx(of("base/2").training_macs).epsilon(0.1));
  CHECK(of("untrained/1").steps == 0);
  CHECK(of("untrained/1").training_macs == 0);
  CHECK(of("base/2").steps == 12);
  CHECK(of("base/2").macs > 2 * of("base/2").params);
  CHECK(of("base/1").params > of("untrained/1").params);  // it grew
  for (const FewShotAccuracies& one : of("base/2").results) CHECK(one.about.seed == plan.base.seed);

  const std::string table = to_plain_text(outcome.table);
  CHECK(table == text_of(folder / "ablation.txt"));
  CHECK_THAT(table, Contains("(raw_pixels: one result, which no seed changes"));
  const auto& last = outcome.table.rows.back();
  CHECK(last[0].text == "raw_pixels");
  CHECK(last[3].value == pixels.over_seeds.mean);
  CHECK(last[3].half_width == pixels.over_seeds.half_width95);
  CHECK_THAT(table, Contains("5-way 1-shot (%)") && Contains("fast") && Contains("10 episodes of seed 1"));
  AblationReport read;
  fields_from_json(parse_json(text_of(folder / "ablation.json"), "json")["ablation"], read, "json");
  CHECK(read.rows.size() == report.rows.size());
  CHECK(read.rows[3].accuracies == report.rows[3].accuracies);
}

TEST_CASE("a grid that was interrupted goes on, keeps what is finished, and comes to the same") {
  const sseg_test::TempFolder folder;
  const AblationPlan plan = tiny_plan("{seeds: [1], variants: {fast: [optim.rate=0.02]}}");
  const AblationOutcome whole = run(plan, folder / "whole");

  CHECK(run(plan, folder / "parts", {true}).interrupted);
  const auto cells = ablation_cells(plan, folder / "parts");
  std::atomic<bool> stop{false};
  std::thread interrupt([&] {  // somewhere in the second cell
    while (!std::filesystem::exists(RunFolder(cells[1].folder).checkpoint())) std::this_thread::yield();
    stop = true;
  });
  run(plan, folder / "parts", stop);
  interrupt.join();
  REQUIRE(cells[0].finished());
  const auto written = std::filesystem::last_write_time(cells[0].result_file());
  const AblationOutcome rest = run(plan, folder / "parts");
  CHECK_FALSE(rest.interrupted);
  CHECK(std::filesystem::last_write_time(cells[0].result_file()) == written);
  CHECK(text_of(folder / "parts" / "ablation.json") == text_of(folder / "whole" / "ablation.json"));
}

TEST_CASE("a cell that was killed while it was evaluated is evaluated, and not trained on") {
  const sseg_test::TempFolder folder;
  // A training that its own limit ended: its steps are not all done, and would go on with another budget.
  AblationPlan plan = tiny_plan("{seeds: [1]}");
  plan.base.time_budget.seconds = 1e-9;
  const AblationCell cell = ablation_cells(plan, folder.path()).front();
  Cpu cpu(1);
  const sseg_test::Quiet quiet;
  const auto take_up = [&] { return run_ablation_cell(cpu, plan, cell, {false}, quiet.get()).value(); };
  const CellResult whole = take_up();
  CHECK(whole.steps == 1);
  const RunFolder run(cell.folder);
  const std::string result = text_of(cell.result_file()), trained = text_of(run.checkpoint());
  std::filesystem::remove(cell.result_file());
  std::filesystem::remove(run.evaluation());
  CHECK(take_up().steps == 1);
  CHECK(text_of(cell.result_file()) == result);
  CHECK(text_of(run.checkpoint()) == trained);

  // A checkpoint on the way has no statistics: from there the training goes on.
  const auto on_the_way = load_checkpoint<MainNet>(run.checkpoint());
  save_checkpoint(run.checkpoint(), on_the_way.state, on_the_way.image, fields_to_json(cell.config));
  std::filesystem::remove(cell.result_file());
  CHECK(take_up().steps == 2);
}

TEST_CASE("every seed is evaluated on the same pictures, and trained on its own") {
  const AblationPlan plan = tiny_plan("{seeds: [1, 2]}");
  const auto cells = ablation_cells(plan, "root");
  const auto evaluated = [&](const AblationCell& c) {
    return detail::cell_images(plan, c, training_data(c.config)).images.pixels;
  };
  CHECK(evaluated(cells[0]) == evaluated(cells[1]));
  CHECK(cells[0].config.seed != cells[1].config.seed);
  AblationPlan elsewhere = plan;
  elsewhere.settings.evaluate = "pictures.zip";
  CHECK(ablation_cells(elsewhere, "root")[0].folder != cells[0].folder);
  AblationCell drawings = cells[0];
  drawings.config.data.source = "omniglot";
  CHECK_THAT(sseg_test::message_of([&] { detail::cell_images(plan, drawings, {}); }),
             Contains("no pictures to evaluate on"));
}

TEST_CASE("cells run as processes, those that need another one last, and what fails is told with its command") {
  const sseg_test::TempFolder folder;
  const AblationPlan plan =
      tiny_plan("{seeds: [1], baselines: [fixed_final], variants: {ok: [], broken: [], silent: []}}");
  const auto program = [&](const AblationCell& cell) {
    CellResult result{.variant = cell.variant.name, .seed = cell.seed, .net = "net"};
    result.results = {{row_about(plan.base.evaluation, 1, "", "shapes", "held-back kinds"), {0.25, 0.5}}};
    result.results[0].about.shot = 1;
    folder.add(cell.variant.name + ".json", to_text(fields_to_json(result)));
    const std::string file = (folder / (cell.variant.name + ".json")).string();
    const std::string ends = cell.variant.name == "broken"   ? "exit 3"
                             : cell.variant.name == "silent" ? "exit 0"
                                                             : "cp " + file + " " + cell.result_file().string();
    return ProcessCommand{{"/bin/sh", "-c", "echo " + cell.name() + " >>" + (folder / "order").string() + "; " + ends},
                          cell.folder / "log.txt"};
  };
  Cpu cpu(1);
  const sseg_test::Quiet quiet;
  const auto run_apart = [&](bool stop) {
    return run_ablation(cpu, plan, folder / "root", 2, program, {stop}, quiet.get());
  };
  CHECK(run_apart(true).interrupted);
  CHECK_FALSE(std::filesystem::exists(folder / "order"));
  const AblationOutcome outcome = run_apart(false);
  CHECK_FALSE(outcome.interrupted);
  REQUIRE(outcome.failed.size() == 2);
  CHECK((outcome.failed[0].cell == "broken/1" || outcome.failed[1].cell == "broken/1"));
  for (const FailedCell& f : outcome.failed) {
    INFO(f.cell);
    CHECK_THAT(f.reason, Contains(f.cell == "broken/1" ? "exit code 3" : "exit code 0") && Contains("log.txt") &&
                             Contains("to run it again: /bin/sh -c 'echo " + f.cell));
  }
  const std::string order = text_of(folder / "order");
  CHECK(std::count(order.begin(), order.end(), '\n') == 5);
  CHECK(order.ends_with("\nfixed_final/1\n"));
  CHECK(row_of(outcome.report, "ok", 1).accuracies == std::vector<double>{37.5});
  CHECK(outcome.report.rows.size() == 3);

  CHECK(run_apart(false).failed.size() == 2);  // what is finished is not run again
  const std::string again = text_of(folder / "order").substr(order.size());
  CHECK((again == "broken/1\nsilent/1\n" || again == "silent/1\nbroken/1\n"));
}

TEST_CASE("other settings make other cells, and nothing is written over") {
  const AblationPlan a = tiny_plan("{seeds: [1]}"), b = tiny_plan("{seeds: [1], split: test}");
  AblationPlan c = a;
  c.base.optim.rate *= 2;
  const auto folder = [](const AblationPlan& p) { return ablation_cells(p, "root").front().folder; };
  CHECK(folder(a) == folder(tiny_plan("{seeds: [1, 2]}")));
  CHECK(folder(a) != folder(b));
  CHECK(folder(a) != folder(c));
}

TEST_CASE("a cell that fails is told, and the others go on") {
  const sseg_test::TempFolder folder;
  const AblationPlan plan = tiny_plan("{seeds: [1], variants: {large: [train.batch=100], fast: [optim.rate=0.02]}}");
  const AblationOutcome outcome = run(plan, folder.path());
  REQUIRE(outcome.failed.size() == 1);
  CHECK(outcome.failed[0].cell == "large/1");
  CHECK_THAT(outcome.failed[0].reason, Contains("too few for a probe"));
  CHECK(row_of(outcome.report, "fast", 1).over_episodes.n == 10);
  CHECK(detail::shown_row(outcome.report, "large", 1, "") == nullptr);

  const AblationPlan lonely = tiny_plan("{seeds: [1], baselines: [fixed_final]}");
  Cpu cpu(1);
  CHECK_THAT(sseg_test::message_of(
                 [&] { run_ablation_cell(cpu, lonely, ablation_cells(lonely, folder / "lonely").back(), {false}); }),
             Contains("run the cell base/1 first"));
}

TEST_CASE("the Modified Hausdorff protocol takes the nearest drawing of a class") {
  // Two drawings of 4 x 4: a dot-pair apart by 1 and by 3 pixels; the query is the first one moved.
  std::vector<float> support(32), query(16);
  support[0] = support[1] = 1;
  support[16] = support[19] = 1;
  query[9] = query[10] = 1;
  const std::vector<Index> label{0, 1};
  std::vector<float> scores(2);
  HausdorffProtocol{4}.classify({{support.data(), {2, 16}}, label, 2, {query.data(), {1, 16}}},
                                {scores.data(), {1, 2}});
  CHECK(scores[0] == 0);
  CHECK(scores[1] == Approx(-1));
  CHECK_THAT(sseg_test::message_of([&] {
               Threads threads(1);
               pixel_accuracies(threads, {Images{"p", {4, 4, 3}, {}, {}, {}, {}, {}}, "s"}, demo_config(), true);
             }),
             Contains("is one of drawings"));
}

}  // namespace ablation_test

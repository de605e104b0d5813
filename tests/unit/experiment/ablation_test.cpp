#include "sseg/experiment/ablation.hpp"

#include <filesystem>
#include <string>
#include <thread>

#include "sseg/backend/cpu.hpp"
#include "support/catch.hpp"
#include "tiny_runs.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

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

#include "sseg/experiment/result_tables.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace result_tables_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

FewShotRow few_shot(const std::string& net, Index shot, double accuracy, std::uint64_t seed) {
  return {.net = net,
          .dataset = "shapes",
          .split = "held-back kinds",
          .protocol = "prototypes, cosine, inductive",
          .way = 5,
          .shot = shot,
          .query = 15,
          .episodes = 600,
          .seed = seed,
          .accuracy = accuracy,
          .ci95 = 0.5};
}

/// A run whose 1-shot accuracy depends on its seed.
RunResults evaluated_run(const std::string& label, std::uint64_t seed) {
  RunResults run{.label = label, .few_shot_interval = "1.96·s/√episodes"};
  run.config.seed = seed;
  run.few_shot = {few_shot("untrained", 1, 30, seed), few_shot("untrained", 5, 40, seed),
                  few_shot("trained", 1, 60 + static_cast<double>(seed), seed), few_shot("trained", 5, 70, seed)};
  return run;
}

const Table& named(const std::vector<Table>& tables, const std::string& name) {
  const auto at = std::find_if(tables.begin(), tables.end(), [&](const Table& t) { return t.name == name; });
  if (at == tables.end()) throw Error("no table", name, "look at the test");
  return *at;
}
bool has(const std::vector<Table>& tables, const std::string& name) {
  return std::any_of(tables.begin(), tables.end(), [&](const Table& t) { return t.name == name; });
}
std::string all_notes(const Table& t) {
  std::string text;
  for (const auto& note : t.notes) text += note + "\n";
  return text;
}

}  // namespace

TEST_CASE("few-shot results become a row for each net and protocol, a column for each number of shots") {
  const auto tables = result_tables({evaluated_run("demo/one", 3)});
  const Table& t = named(tables, "few_shot");
  CHECK(t.columns == std::vector<Column>{
                         {"run", ""}, {"seed", ""}, {"net", ""}, {"protocol", ""}, {"1-shot", "%"}, {"5-shot", "%"}});
  REQUIRE(t.rows.size() == 2);
  CHECK((t.rows[1][0].text == "demo/one" && t.rows[1][1].text == "3" && t.rows[1][2].text == "trained"));
  CHECK((t.rows[1][4].value == 63 && t.rows[1][4].half_width == 0.5));
  CHECK((t.rows[1][4].strong && t.rows[1][5].strong && !t.rows[0][4].strong && !t.rows[1][0].strong));
  CHECK_THAT(t.caption, Contains("5-way episodes of shapes, held-back kinds; 15 query images a class, 600 episodes"));
  CHECK_THAT(all_notes(t), Contains("1.96·s/√episodes"));
  CHECK_FALSE(has(tables, "few_shot_2"));
  CHECK_FALSE(has(tables, "seeds"));
  CHECK_FALSE(has(tables, "mutations"));
}

TEST_CASE("results under other conditions are another table") {
  RunResults run = evaluated_run("demo/one", 1);
  FewShotRow far = few_shot("trained", 1, 20, 1);
  far.way = 20;
  run.few_shot = {few_shot("trained", 1, 60, 1), far};
  const auto tables = result_tables({run});
  CHECK_THAT(named(tables, "few_shot_2").caption, Contains("20-way episodes of shapes"));
  CHECK(named(tables, "few_shot_2").rows.size() == 1);
}

TEST_CASE("paired differences have their sign, their interval and the conditions of their results") {
  RunResults run = evaluated_run("demo/one", 1);
  FewShotComparison d{.net = "trained",
                      .against = "against",
                      .protocol = "prototypes, cosine, inductive",
                      .way = 5,
                      .shot = 1,
                      .query = 15,
                      .difference = {1.5, 0.25, 600}};
  run.differences = {d};
  const Table t = named(result_tables({run}), "differences");
  REQUIRE(t.rows.size() == 1);
  CHECK((t.rows[0][2].text == "trained" && t.rows[0][3].text == "against"));
  CHECK((t.rows[0][5].value == 1.5 && t.rows[0][5].half_width == 0.25 && t.rows[0][5].plus));
  CHECK_THAT(t.caption, Contains("shapes, held-back kinds; 15 query images a class, 600 episodes"));
  d.protocol = "another";
  run.differences = {d};
  CHECK_THAT(message_of([&] { result_tables({run}); }), Contains("a protocol that has no results: another"));
}

TEST_CASE("runs of one configuration with other seeds have a mean with Student's interval") {
  std::vector<RunResults> runs;
  for (const std::uint64_t seed : {1U, 2U, 4U}) runs.push_back(evaluated_run("demo/" + std::to_string(seed), seed));
  const Table t = named(result_tables(runs), "seeds");
  CHECK(t.columns == std::vector<Column>{{"seed", ""},
                                         {"run", ""},
                                         {"untrained, 1-shot", "%"},
                                         {"untrained, 5-shot", "%"},
                                         {"trained, 1-shot", "%"},
                                         {"trained, 5-shot", "%"}});
  REQUIRE(t.rows.size() == 4);
  CHECK((t.rows[2][0].text == "4" && t.rows[2][4].value == 64 && t.rows[2][4].half_width == 0.5));
  CHECK(t.rows[3][0].text == "mean of 3");
  // 61, 62, 64: mean 62 1/3, s = 1.527525, t(0.975, 2) = 4.302653, ± 4.302653·1.527525/√3
  CHECK(t.rows[3][4].value.value() == Approx(62.0 + 1.0 / 3));
  CHECK(t.rows[3][4].half_width.value() == Approx(3.794586).epsilon(1e-5));
  CHECK(t.rows[3][5].half_width.value() == 0);
  CHECK_THAT(t.caption, Contains("prototypes, cosine, inductive"));
  CHECK_THAT(all_notes(t), Contains("± over episodes: 95 % by 1.96·s/√episodes"));
  CHECK(named(result_tables(runs), "few_shot").rows.size() == 6);
}

TEST_CASE("a seed counts once, and runs of other configurations do not count") {
  RunConfig longer;
  longer.seed = 2;
  longer.train.steps += 1;
  const RunResults other{.label = "demo/longer", .config = longer, .few_shot = {few_shot("trained", 1, 99, 2)}};
  const std::vector<RunResults> one{evaluated_run("demo/1", 1), evaluated_run("demo/again", 1), other};
  CHECK_FALSE(has(result_tables(one), "seeds"));
  std::vector<RunResults> two = one;
  two.push_back(evaluated_run("demo/2", 2));
  const Table t = named(result_tables(two), "seeds");
  CHECK(t.rows.size() == 3);
  CHECK_THAT(all_notes(t), Contains("demo/again is left out: another run has its seed."));
}

TEST_CASE("numbers of different kinds are not put together, and one seed has no mean") {
  RunResults run = evaluated_run("demo/1", 1);
  const FewShotRow row = few_shot("trained", 1, 40, 1);
  run.few_shot.assign(7, row);
  run.few_shot[1].dataset = "other";
  run.few_shot[2].split = "test classes";
  run.few_shot[3].protocol = "prototypes, euclidean, inductive";
  run.few_shot[4].way = 20;
  run.few_shot[5].query = 10;
  run.few_shot[6].episodes = 100;
  const auto tables = seed_tables({run}, 1);
  CHECK(tables.size() == 7);
  for (const Table& t : tables) CHECK((t.rows.size() == 1 && t.rows[0][2].value == 40));
  CHECK(seed_tables({run}).empty());
}

TEST_CASE("a seed that lacks a value is named and left out of the mean") {
  std::vector<RunResults> runs;
  for (const std::uint64_t seed : {1U, 2U, 3U}) runs.push_back(evaluated_run("demo/" + std::to_string(seed), seed));
  runs[1].few_shot.pop_back();
  const Table t = named(result_tables(runs), "seeds");
  CHECK(t.rows.back()[0].text == "mean of 2");
  CHECK_THAT(all_notes(t), Contains("demo/2 is left out: it lacks a value."));
}

TEST_CASE("Omniglot runs have their errors with an interval over the runs, and a mean over seeds") {
  std::vector<RunResults> results;
  for (const std::uint64_t seed : {1U, 2U}) {
    RunResults run{.label = "omniglot/" + std::to_string(seed), .omniglot_score = "mean of the run errors in percent"};
    run.config.seed = seed;
    run.omniglot = {{.net = "trained",
                     .protocol = "20-way 1-shot within alphabet",
                     .runs = 2,
                     .trials = 40,
                     .errors = 2,
                     .error = 5,
                     .run_errors = {0, 10}}};
    results.push_back(run);
  }
  const auto tables = result_tables(results);
  const Table& t = named(tables, "omniglot_runs");
  REQUIRE(t.rows.size() == 2);
  CHECK((t.rows[1][1].text == "2" && t.rows[1][5].value == 40 && t.rows[1][7].value == 5));
  CHECK(t.rows[0][7].half_width.value() == Approx(12.7062 * 5).epsilon(1e-4));  // t(0.975, 1)·(10/√2)/√2
  CHECK_THAT(all_notes(t), Contains("mean of the run errors in percent"));
  CHECK(named(tables, "seeds").rows.back()[2].value == 5);
  CHECK_FALSE(has(tables, "few_shot"));
}

TEST_CASE("mutations, forks, metrics and meta.json have their tables") {
  RunResults run = evaluated_run("demo/one", 1);
  const MutationRecord m{.step = 50,
                         .kind = "widen",
                         .place = "stage 1",
                         .keeps_function = true,
                         .params_before = 1000,
                         .params_after = 1500,
                         .macs_before = 9000,
                         .macs_after = 12000,
                         .probe_before = 0.25,
                         .probe_after = 0.5,
                         .net_after = "32 > 48",
                         .edit = {}};
  run.history = {m};
  ForkReport fork{
      .step = 40, .steps = 60, .orders = 1, .mutation = m, .dataset = "shapes", .split = "held-back kinds", .seed = 1};
  fork.rows.push_back({.protocol = "cosine",
                       .way = 5,
                       .shot = 1,
                       .query = 15,
                       .episodes = 20,
                       .snapshot = 50,
                       .plain = 51,
                       .grown = 52,
                       .over_episodes = {1, 0.5, 20}});
  run.fork = fork;
  run.metrics = {{.step = 50, .loss = 2}, {.step = 100, .loss = 1.5, .mutations = 1, .params = 1500, .macs = 12000}};
  run.meta = RunMeta{.seconds = 12.5, .status = "finished"};
  const auto tables = result_tables({run});

  const Table& runs = named(tables, "runs");
  REQUIRE(runs.rows.size() == 1);
  const auto& row = runs.rows[0];
  CHECK((row[1].text == "shapes" && row[2].text == "1" && row[3].text == "finished"));
  CHECK((row[4].value == 100 && row[5].value == 1.5 && row[7].value == 1 && row[8].value == 1500 &&
         row[10].value == 12.5));
  const Table& mutations = named(tables, "mutations");
  REQUIRE(mutations.rows.size() == 1);
  CHECK((mutations.rows[0][1].value == 50 && mutations.rows[0][2].text == "widen" &&
         mutations.rows[0][4].text == "kept"));
  CHECK((mutations.rows[0][6].value == 1500 && mutations.rows[0][8].value == 12000 &&
         mutations.rows[0][10].value == 0.5));
  CHECK_THAT(all_notes(mutations), Contains("demo/one: trained on shapes, seed 1."));
  const Table& forks = named(tables, "forks");
  REQUIRE(forks.rows.size() == 1);
  CHECK((forks.rows[0][1].text == "widen stage 1" && forks.rows[0][2].text == "5-way 1-shot"));
  CHECK((forks.rows[0][7].value == 1 && forks.rows[0][7].half_width == 0.5 && forks.rows[0][7].plus));
  CHECK(forks.rows[0][8] == Cell());  // one data order
  CHECK_THAT(all_notes(forks),
             Contains("60 steps from step 40 on, 1 data order; 20 episodes of shapes, held-back kinds"));
}

TEST_CASE("paths have their accuracies, differences and costs, whatever share was kept") {
  RunResults run{.label = "demo/one"};
  const auto report = [](double kept, double accuracy) {
    PathReport p{.masks = {.unit = "weight", .scope = "global", .criterion = "taylor", .kept = kept, .net = "student"}};
    for (const char* net : {"dense", "positive"})
      for (const Index shot : {1, 5}) p.results.push_back(few_shot(net, shot, accuracy + static_cast<double>(shot), 1));
    p.differences = {{"dense - positive", 5, 1, {1.5, 0.25, 600}}, {"dense - positive", 5, 5, {-0.5, 0.25, 600}}};
    return p;
  };
  run.paths = {report(0.9, 60), report(0.5, 50)};
  const auto tables = result_tables({run});
  const Table &t = named(tables, "paths"), &d = named(tables, "path_differences");
  CHECK(t.columns == std::vector<Column>{
                         {"run", ""}, {"masks", ""}, {"kept (%)", ""}, {"net", ""}, {"1-shot", "%"}, {"5-shot", "%"}});
  REQUIRE(t.rows.size() == 4);
  CHECK(t.rows[2][1].text == "taylor, weight, global, afterwards; student, recalibrated");
  CHECK((t.rows[2][2].value == 50 && t.rows[2][3].text == "dense" && t.rows[2][4].value == 51));
  CHECK((t.rows[3][5].value == 55 && t.rows[3][5].half_width == 0.5));
  CHECK_THAT(t.caption, Contains("paths: 5-way episodes of shapes, held-back kinds") && Contains("cosine, inductive"));
  CHECK_THAT(all_notes(t), Contains("not the noise of training"));
  REQUIRE(d.rows.size() == 2);
  CHECK((d.rows[1][3].text == "dense - positive" && d.rows[1][5].value == -0.5 && d.rows[1][5].plus));
  CHECK_FALSE(has(tables, "path_costs"));

  run.paths[1].costs = {{"compact", "16+1 > 8", {.macs = 1000, .params = 200, .milliseconds = 0.5}}};
  const auto with_costs = result_tables({run});
  const Table& c = named(with_costs, "path_costs");
  REQUIRE(c.rows.size() == 1);
  CHECK((c.rows[0][4].text == "16+1 > 8" && c.rows[0][5].value == 1000 && c.rows[0][7].value == 0.5));
  run.paths = {{}};  // a report without results
  CHECK_FALSE(has(result_tables({run}), "paths"));
}

}  // namespace result_tables_test

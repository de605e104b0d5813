#include "sseg/experiment/ablation_report.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace ablation_report_test {

using namespace sseg;
using sseg_test::Contains;

namespace {

constexpr const char *plain = "prototypes, cosine, inductive", *whitened = "prototypes, whitened cosine, inductive";

FewShotAccuracies accuracies(Index shot, const std::string& protocol, std::vector<double> episodes) {
  FewShotAccuracies a{{.dataset = "shapes", .split = "held-back kinds", .protocol = protocol}, std::move(episodes)};
  a.about.way = 5, a.about.shot = shot, a.about.query = 4, a.about.episodes = static_cast<Index>(a.episodes.size());
  return a;
}

/// A cell with two episodes of 1 shot under two protocols, and of 5 shots under the first.
CellResult cell(const std::string& variant, std::uint64_t seed, double first, double second) {
  CellResult c{.variant = variant, .seed = seed, .net = "net", .params = 100 * static_cast<Index>(seed)};
  c.training_macs = 1e9 * static_cast<double>(seed);
  c.results = {accuracies(1, plain, {first, second}), accuracies(1, whitened, {first + 0.125, second + 0.125}),
               accuracies(5, plain, {first + 0.25, second + 0.25})};
  return c;
}

AblationPlan plan_of(std::vector<std::uint64_t> seeds) {
  AblationPlan plan{demo_config(), {.seeds = std::move(seeds)}, {{"base", {}, "train"}, {"fast", {}, "train"}}};
  plan.base.evaluation.shots = {1, 5};
  plan.base.evaluation.episodes = 2;
  return plan;
}

}  // namespace

TEST_CASE("two seeds give means with intervals, and differences over seeds") {
  const AblationPlan plan = plan_of({1, 2});
  const AblationReport report = ablation_report(plan, {cell("base", 1, 0.25, 0.5), cell("fast", 1, 0.5, 0.5),
                                                       cell("base", 2, 0.25, 0.25), cell("fast", 2, 0.5, 0.75)});
  REQUIRE(report.rows.size() == 6);
  CHECK((report.dataset == "shapes" && report.split == "held-back kinds" && report.episodes_seed == plan.base.seed));
  const AblationRow& fast = report.rows[3];
  CHECK((fast.variant == "fast" && fast.protocol == plain && fast.shot == 1 && fast.way == 5 && fast.query == 4));
  CHECK((fast.episodes == 2 && fast.seeds == std::vector<std::uint64_t>{1, 2}));
  CHECK(fast.accuracies == std::vector<double>{50, 62.5});
  CHECK(fast.accuracy.mean == 56.25);
  CHECK(fast.accuracy.half_width95 == Approx(12.7062 * 6.25).epsilon(1e-4));
  CHECK(fast.over_seeds.mean == Approx((12.5 + 37.5) / 2));  // variant − base of each seed
  CHECK(fast.over_seeds.half_width95 == Approx(12.7062 * 12.5).epsilon(1e-4));
  CHECK(fast.over_episodes.mean == Approx(25));  // of the means over seeds: 50 − 25 and 62.5 − 37.5
  CHECK(fast.over_episodes.half_width95 == Approx(0).margin(1e-9));
  CHECK((fast.params == 150 && fast.training_macs == 1.5e9));
  CHECK((report.rows[0].over_seeds.n == 0 && report.rows[0].over_episodes.n == 0));  // the base itself

  const Table table = ablation_table(plan, report);
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[1][1] == count_cell(2));
  CHECK(table.rows[1][2] == Cell(56.25, fast.accuracy.half_width95, 2));
  CHECK(table.rows[1][3] == difference_cell(fast.over_seeds));
  CHECK(table.rows[0][3] == Cell());
  CHECK(table.rows[1][4].value == 81.25);  // 5 shots
  CHECK(table.rows[1][6] == Cell(150, 0));
  CHECK(table.rows[1][7] == Cell(1.5, 2));
  CHECK_THAT(table.notes[2], Contains("over seeds"));
}

TEST_CASE("with one of several seeds finished there is no interval, and no difference yet") {
  const AblationPlan plan = plan_of({1, 2});
  const AblationReport report = ablation_report(plan, {cell("base", 1, 0.25, 0.5), cell("fast", 1, 0.5, 0.5)});
  const AblationRow& fast = report.rows[3];
  CHECK((fast.accuracy.n == 1 && fast.over_seeds.n == 0 && fast.over_episodes.n == 2));
  const Table table = ablation_table(plan, report);
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[1][1] == count_cell(1));
  for (const std::size_t shot : {2U, 4U}) {
    CHECK(table.rows[1][shot].value.has_value());
    CHECK_FALSE(table.rows[1][shot].half_width.has_value());
    CHECK(table.rows[1][shot + 1] == Cell());  // not that of the episodes: the heading says over seeds
  }
  CHECK_THAT(table.notes[2], Contains("empty while fewer than two are finished"));
}

TEST_CASE("with one seed wanted the difference is that of the episodes") {
  const AblationPlan plan = plan_of({1});
  const AblationReport report = ablation_report(plan, {cell("base", 1, 0.25, 0.5), cell("fast", 1, 0.5, 0.5)});
  const Table table = ablation_table(plan, report);
  CHECK_FALSE(table.rows[1][2].half_width.has_value());
  CHECK(table.rows[1][3] == difference_cell(report.rows[3].over_episodes));
  CHECK(table.rows[1][3].value == 12.5);
  CHECK_THAT(table.notes[2], Contains("over episodes"));
}

TEST_CASE("the table shows the protocol that has the words, else the first one") {
  AblationPlan plan = plan_of({1});
  const AblationReport report = ablation_report(plan, {cell("base", 1, 0.25, 0.5), cell("fast", 1, 0.5, 0.5)});
  const auto shown = [&](const std::string& words) {
    plan.settings.protocol = words;
    return ablation_table(plan, report);
  };
  CHECK(shown("").rows[1][2].value == 50);
  CHECK(shown("whitened").rows[1][2].value == 62.5);
  CHECK(shown("whitened").rows[1][4].value == 75);  // 5 shots have no such protocol
  CHECK_THAT(shown("whitened").notes[0], Contains(whitened));
  CHECK(shown("no such words").rows[1][2].value == 50);
}

TEST_CASE("cells are compared under the same protocol, and not at all with other episodes") {
  const AblationPlan plan = plan_of({1});
  CellResult base = cell("base", 1, 0.25, 0.5), fast = cell("fast", 1, 0.5, 0.5);
  std::swap(base.results[0], base.results[1]);
  CHECK(ablation_report(plan, {base, fast}).rows[3].over_episodes.mean == 12.5);
  fast.results[0].episodes.push_back(1);
  CHECK(ablation_report(plan, {base, fast}).rows[3].over_episodes.n == 0);
  CHECK(ablation_report(plan, {base, fast}).rows[4].over_episodes.n == 2);
  fast.results[0] = accuracies(1, "another", {0.5, 0.5});  // against the base's first one of that shot: whitened
  CHECK(ablation_report(plan, {base, fast}).rows[3].over_episodes.mean == 0);

  CHECK(ablation_report(plan, {fast}).rows[0].over_episodes.n == 0);  // without the base
  CellResult other = cell("fast", 2, 0.5, 0.5);
  other.results.pop_back();
  CHECK_THAT(sseg_test::message_of([&] {
               ablation_report(plan_of({1, 2}), {base, cell("base", 2, 0.5, 0.5), fast, other});
             }),
             Contains("evaluated in different ways"));
}

}  // namespace ablation_report_test

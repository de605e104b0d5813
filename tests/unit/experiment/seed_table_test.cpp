#include "sseg/experiment/seed_table.hpp"

#include <cmath>
#include <fstream>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

using sseg::FewShotRow;
using sseg::Index;
using sseg::SeedRow;

namespace {

FewShotRow row(std::uint64_t seed, Index shot, double accuracy) {
  return {.net = "trained",
          .dataset = "made up",
          .split = "all",
          .protocol = "prototypes, cosine, inductive",
          .way = 5,
          .shot = shot,
          .query = 15,
          .episodes = 600,
          .seed = seed,
          .accuracy = accuracy,
          .ci95 = 0.5};
}

}  // namespace

TEST_CASE("rows of several seeds become means with Student's interval") {
  const auto table = sseg::seed_table({row(3, 1, 44), row(3, 5, 60), row(1, 1, 40), row(2, 1, 42), row(1, 5, 61)});
  REQUIRE(table.size() == 2);
  CHECK(table[0].about.shot == 1);
  CHECK(table[0].seed == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(table[0].accuracy == std::vector<double>{40, 42, 44});
  CHECK(table[0].about.accuracy == Approx(42));
  // s = 2, n = 3, t(0.975, 2) = 4.302653.
  CHECK(table[0].about.ci95 == Approx(4.302653 * 2 / std::sqrt(3.0)).epsilon(1e-6));
  CHECK(table[1].about.ci95 == Approx(12.706205 * 0.5).epsilon(1e-6));
  CHECK(sseg::to_line(table[0]) ==
        "trained     5-way 1-shot   42.00 ± 4.97 %   made up, all; prototypes, cosine, inductive; 600 episodes; seed 1 "
        "40.00, 2 42.00, 3 44.00");
}

TEST_CASE("one seed has no interval, and a seed may not occur twice") {
  const auto table = sseg::seed_table({row(7, 1, 44)});
  REQUIRE(table.size() == 1);
  CHECK(table[0].about.ci95 == 0);
  CHECK_THAT(sseg::to_line(table[0]), sseg_test::Contains("44.00 (one seed) %"));
  CHECK(sseg::seed_table({}).empty());
  CHECK_THAT(sseg_test::message_of([] {
               sseg::seed_table({row(7, 1, 44), row(7, 1, 45)});
             }),
             sseg_test::Contains("seed 7 occurs twice"));
}

TEST_CASE("rows that differ in anything but the seed are not put together") {
  std::vector<FewShotRow> rows(10, row(1, 1, 40));
  rows[1].net = "untrained";
  rows[2].dataset = "other";
  rows[3].split = "test classes";
  rows[4].protocol = "prototypes, euclidean, inductive";
  rows[5].inductive = false;
  rows[6].copies = 3;
  rows[7].way = 20;
  rows[8].query = 10;
  rows[9].episodes = 100;
  CHECK(sseg::seed_table(rows).size() == 10);
}

TEST_CASE("eval.json is read again, also an older one, and what is none is refused") {
  const sseg_test::TempFolder folder;
  std::vector<FewShotRow> rows{row(1, 1, 40.25), row(1, 5, 60.5)};
  rows[1].inductive = false;
  sseg::write_few_shot(folder / "eval.json", rows);
  CHECK(sseg::read_few_shot(folder / "eval.json") == rows);
  const auto write = [&](const char* text) { std::ofstream(folder / "other.json") << text; };
  write(R"({"ci95": "…", "results": [{"net": "trained", "dataset": "d", "split": "s", "protocol": "p", "copies": 0,
           "best_match": false, "way": 5, "shot": 1, "query": 15, "episodes": 600, "seed": 3, "accuracy": 43.5,
           "ci95": 0.8}], "comparisons": []})");
  const auto old = sseg::read_few_shot(folder / "other.json");
  REQUIRE(old.size() == 1);
  CHECK((old[0].inductive && old[0].seed == 3 && old[0].accuracy == 43.5));
  const auto message = [&] { return sseg_test::message_of([&] { sseg::read_few_shot(folder / "other.json"); }); };
  write("[]");
  CHECK_THAT(message(), sseg_test::Contains("holds no results"));
  write(R"({"results": [{"nett": "trained"}]})");
  CHECK_THAT(message(), sseg_test::Contains("did you mean 'net'?"));
  write(R"({"results": 3})");
  CHECK_THAT(message(), sseg_test::Contains("found no list"));
  CHECK_FALSE(sseg_test::message_of([&] { sseg::read_few_shot(folder / "none.json"); }).empty());
}

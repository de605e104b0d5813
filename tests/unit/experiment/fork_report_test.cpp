#include "sseg/experiment/fork_report.hpp"

#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace fork_report_test {

using namespace sseg;
using sseg_test::Contains;

namespace {

FewShotAccuracies of(const char* protocol, std::vector<double> episodes) {
  return {{.protocol = protocol, .way = 5, .shot = 1, .query = 15, .episodes = static_cast<Index>(episodes.size())},
          std::move(episodes)};
}
bool near(double a, double b) { return std::abs(a - b) < 1e-9; }

}  // namespace

TEST_CASE("A fork is compared pair by pair, over episodes and over data orders") {
  const std::vector<FewShotAccuracies> before{of("cosine", {0.25, 0.5, 0.75}), of("euclidean", {0, 0, 0})};
  // Two orders of three episodes; the second protocol says nothing at all.
  const ArmAccuracies plain{{of("cosine", {0.5, 0.6, 0.7}), of("euclidean", {0.5, 0.5, 0.5})},
                            {of("cosine", {0.3, 0.6, 0.6}), of("euclidean", {0.5, 0.5, 0.5})}};
  const ArmAccuracies grown{{of("cosine", {0.6, 0.6, 0.9}), of("euclidean", {0.5, 0.5, 0.5})},
                            {of("cosine", {0.6, 0.7, 0.5}), of("euclidean", {0.5, 0.5, 0.5})}};
  const auto rows = fork_rows(before, plain, grown);
  REQUIRE(rows.size() == 2);
  const ForkRow& r = rows[0];
  CHECK((r.protocol == "cosine" && r.way == 5 && r.shot == 1 && r.query == 15 && r.episodes == 3));
  CHECK(near(r.snapshot, 50));
  CHECK(near(r.plain, 55));
  CHECK(near(r.grown, 65));
  // Episodes: differences 20, 5, 5 of the means over orders; s = √75, Student's t of 2 degrees of freedom 4.302653.
  CHECK(r.over_episodes.n == 3);
  CHECK(near(r.over_episodes.mean, 10));
  CHECK(std::abs(r.over_episodes.half_width95 - 4.302653 * 5) < 1e-4);
  // Orders: differences 10 and 10.
  CHECK(r.over_orders.n == 2);
  CHECK(near(r.over_orders.mean, 10));
  CHECK(near(r.over_orders.half_width95, 0));
  CHECK_FALSE(rows[1].over_episodes.differs());

  const auto one = fork_rows(before, {plain[0]}, {grown[0]});
  CHECK(near(one[0].over_episodes.mean, 10));
  CHECK(one[0].over_orders == PairedDifference{});
  CHECK_THAT(sseg_test::message_of([&] { fork_rows(before, plain, {grown[0]}); }), Contains("both arms"));
}

TEST_CASE("A fork says in words what its intervals hold") {
  CHECK(in_words({0.5, 0.25, 9}) == "+0.50 ± 0.25 points: the interval excludes 0, better with the mutation");
  CHECK(in_words({-0.5, 0.25, 9}) == "-0.50 ± 0.25 points: the interval excludes 0, worse with the mutation");
  CHECK(in_words({0.5, 0.75, 9}) == "+0.50 ± 0.75 points: the interval holds 0, no difference is shown");
  ForkRow r{.protocol = "cosine", .way = 5, .shot = 1, .snapshot = 50, .plain = 52, .grown = 52.5};
  r.over_episodes = {0.5, 0.25, 600};
  const std::string alone = to_lines(r);
  CHECK_THAT(alone, Contains("50.00 % before, 52.00 % without, 52.50 % with the mutation; cosine\n"));
  CHECK_THAT(alone, Contains("over 600 episodes, these trained nets:  +0.50"));
  CHECK_THAT(alone, Contains("over data orders: not known"));
  r.over_orders = {0.5, 1, 4};
  CHECK_THAT(to_lines(r), Contains("over 4 data orders, these episodes:  +0.50 ± 1.00 points: the interval holds 0"));
}

TEST_CASE("fork.json holds the fork and says what its numbers are") {
  const sseg_test::TempFolder folder;
  ForkReport fork{.step = 30, .steps = 8, .orders = 1, .rate_first = 0.5};
  fork.mutation.kind = "grow";
  fork.rows = {{.protocol = "cosine", .plain = 52, .grown = 52.5, .over_episodes = {0.5, 0.25, 600}}};
  write_fork(folder / "fork.json", fork);
  const Json json = parse_json(read_file(folder / "fork.json", Index{1} << 20), "fork.json");
  CHECK_THAT(json.at("over_episodes").get<std::string>(), Contains("these trained nets"));
  CHECK(json.at("fork").at("mutation").at("kind") == "grow");
  CHECK(json.at("fork").at("rows").at(0).at("over_episodes").at("half_width95") == 0.25);
  CHECK(json.at("fork").at("rows").at(0).at("over_orders").at("n") == 0);
  CHECK_FALSE(sseg_test::message_of([&] { write_fork(folder / "no/such/fork.json", fork); }).empty());
}

}  // namespace fork_report_test

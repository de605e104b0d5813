#include "sseg/experiment/architecture.hpp"

#include "sseg/experiment/few_shot_comparison.hpp"
#include "sseg/experiment/presets.hpp"
#include "support/catch.hpp"

namespace architecture_test {

using namespace sseg;

namespace {

History grown_at(Index first, Index macs_first, Index second, Index macs_second) {
  History h(2);
  h[0].step = first;
  h[0].macs_before = macs_first;
  h[1].step = second;
  h[1].macs_before = macs_second;
  return h;
}

}  // namespace

TEST_CASE("The cost of a run is that of every step's net") {
  CHECK(macs_spent({}, 7, 10) == 70);
  CHECK(macs_spent(grown_at(3, 100, 5, 200), 400, 9) == 3 * 100 + 2 * 200 + 4 * 400);
}

TEST_CASE("A control has the final net of a run, fresh weights, and steps that cost as much") {
  RunConfig c = demo_config();
  c.data.image_size = 12;
  auto run = start_training<float>(seed_learner(c, {12, 12, 1}), MainOptimizer::moments, Rng(5));
  mutate(run.model, Widen{.factor = 2}, {1, 64}, Rng(1));
  const Index macs = run.model.net.macs({1, 12, 12, 1});
  run.step = 100;
  run.history.resize(1);
  run.history[0].step = 60;
  run.history[0].macs_before = macs / 2;
  CHECK(equal_macs_steps(run, {12, 12, 1}) == 70);

  const auto fresh = untrained_like(run, c), again = untrained_like(run, c);
  CHECK(fresh.model.net == run.model.net);
  CHECK(fresh.step == 0);
  CHECK(fresh.history.empty());
  CHECK(fresh.model.student.value == again.model.student.value);
  CHECK_FALSE(fresh.model.student.value == run.model.student.value);
}

TEST_CASE("Two nets are compared under the protocols that both have, pair by pair") {
  const auto list = [](const char* protocol, Index shot, std::vector<double> episodes) {
    FewShotAccuracies a;
    a.about.net = "a";
    a.about.protocol = protocol;
    a.about.shot = shot;
    a.episodes = std::move(episodes);
    return a;
  };
  const auto all = compare_few_shot({list("cosine", 1, {0.5, 0.75, 1.0}), list("cl2n", 1, {0, 0, 0})},
                                    {list("cosine", 5, {0, 0, 0}), list("cosine", 1, {0.25, 0.5, 0.75})});
  REQUIRE(all.size() == 1);
  CHECK(all[0].difference.mean == 25);
  CHECK(all[0].difference.half_width95 == 0);
  CHECK(all[0].difference.n == 3);
  CHECK(to_line(all[0]).find("+25.00 ± 0.00 points, paired over 3 episodes; cosine") != std::string::npos);
}

}  // namespace architecture_test

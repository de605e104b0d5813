#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/plateau.hpp"
#include "sseg/evolve/sensitivity.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/catch.hpp"

namespace decisions_test {

using namespace sseg;

namespace {
const Shape image{8, 8, 1};
Learner<> learner() {
  return make_learner(SeedNetwork{.initial_channels = 4, .num_blocks = 2}.build(image), image, 6, 5);
}
Growing<Learner<>, float> model() {
  auto student = make_store<float>(learner(), 2, Rng(1));
  return {learner(), student, reseat(student, learner(), 0, Rng(1))};
}
}  // namespace

TEST_CASE("A plateau is seen after `patience` probes without a gain") {
  const Plateau plateau{.patience = 2, .min_gain = 0.01, .max_wait = 0, .first = 1};
  Plateau::Memory m;
  CHECK_FALSE(plateau.due(m, 0.5));
  CHECK_FALSE(plateau.due(m, 0.505));  // a gain too small to count
  CHECK(plateau.due(m, 0.505));
  plateau.mutated(m);
  CHECK_FALSE(plateau.due(m, 0.4));
  CHECK_FALSE(plateau.due(m, 0.6));  // a gain starts the count again
  CHECK_FALSE(plateau.due(m, 0.6));
  CHECK(plateau.due(m, 0.6));
}

TEST_CASE("With max_wait a rising probe does not hold growth up for ever") {
  const Plateau plateau{.patience = 100, .min_gain = 0.01, .max_wait = 3, .first = 0};
  Plateau::Memory m;
  std::vector<bool> due;
  for (int i = 0; i < 6; ++i) {
    due.push_back(plateau.due(m, 0.1 * i));
    if (due.back()) plateau.mutated(m);
  }
  CHECK(due == std::vector<bool>{false, false, true, false, false, true});
}

TEST_CASE("Sensitivity is the sum of (g·w)² of each stage, averaged over steps") {
  auto m = model();
  for (const auto& e : m.student.entries)
    if (e.is_param())
      for (Index i = 0; i < e.count(); ++i) {
        m.student.value[e.offset + i] = 1;
        m.student.grad[e.offset + i] = e.desc.key.starts_with("net/0/0/#1/") ? 2.f : 0.5f;
      }
  TaylorSensitivity s(0.5);
  s.observe(m.net, m.student);
  const double first = 9 * 4 + 8, second = 9 * 16 + 8;  // weights of stage 0 and 1
  REQUIRE(s.values().size() == 2);
  CHECK(s.values()[0] == Approx(0.5 * 0.25 * first));
  CHECK(s.values()[1] == Approx(0.5 * 4 * second));
  s.observe(m.net, m.student);
  CHECK(s.values()[1] == Approx(0.75 * 4 * second));
}

TEST_CASE("The most sensitive stage is mutated, and at its limit the next") {
  const std::vector<double> sensitivity{3, 1};
  Rng rng(1);
  CHECK(Grow{}.propose(learner(), {sensitivity}, rng)->stage == 0);
  CHECK(Widen{}.propose(learner(), {sensitivity}, rng)->stage == 0);
  const auto wide = Widen{}.apply(learner(), {0, 256});
  CHECK(Widen{}.propose(wide, {sensitivity}, rng)->stage == 1);
}

TEST_CASE("Without a signal the draw decides, and reaches every stage") {
  bool seen[2] = {false, false};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    seen[Grow{}.propose(learner(), {}, rng)->stage] = true;
  }
  CHECK(seen[0]);
  CHECK(seen[1]);
}

TEST_CASE("Mutations take turns, one at its limit passes, and at all limits nothing happens") {
  const Evolve<Plateau, Grow, Widen> evolve{{}, {Grow{.max_blocks = 3}, Widen{.factor = 2, .max_channels = 8}}};
  auto m = model();
  std::vector<std::string> kinds;
  for (Index turn = 0; turn < 5; ++turn) {
    const auto applied = evolve.act(m, {}, turn, Rng(static_cast<std::uint64_t>(turn)));
    kinds.push_back(applied ? applied->kind : "none");
  }
  CHECK(kinds == std::vector<std::string>{"grow", "widen", "widen", "none", "none"});
  CHECK(block_count(backbone(m.net)) == 3);
}

}  // namespace decisions_test

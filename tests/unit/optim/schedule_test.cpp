#include "sseg/optim/schedule.hpp"

#include <cmath>

#include "support/catch.hpp"

namespace schedule_test {

using sseg::Constant;
using sseg::Cosine;
using sseg::MomentumCosine;
using sseg::Ramp;
using sseg::Rewarm;
using sseg::Warmup;

static_assert(sseg::Scheduler<Ramp> && sseg::Scheduler<MomentumCosine> && sseg::Scheduler<Warmup<Ramp>>);

TEST_CASE("a constant rate does not move") {
  const Constant rate{0.3f};
  for (const sseg::Index step : {0, 1, 50, 100}) CHECK(rate({step, 100}) == 0.3f);
}

TEST_CASE("the cosine goes from peak to floor, half-way in the middle") {
  const Cosine rate{.peak = 1.f, .floor = 0.2f};
  CHECK(rate({0, 100}) == 1.f);
  CHECK(rate({25, 100}) == Approx(0.2 + 0.8 * 0.5 * (1 + 0.70710678)));
  CHECK(rate({50, 100}) == Approx(0.6f));
  CHECK(rate({100, 100}) == Approx(0.2f));
  for (sseg::Index step = 0; step < 100; ++step) REQUIRE(rate({step + 1, 100}) < rate({step, 100}));
}

TEST_CASE("warm-up rises linearly to the peak, then the inner schedule runs over what remains") {
  const Warmup<Cosine> rate{.steps = 10, .inner = {.peak = 2.f, .floor = 0.f}};
  CHECK(rate({0, 110}) == Approx(0.2f));
  CHECK(rate({4, 110}) == Approx(1.0f));
  CHECK(rate({9, 110}) == 2.f);
  CHECK(rate({10, 110}) == 2.f);
  CHECK(rate({60, 110}) == Approx(1.0f));
  CHECK(rate({109, 110}) == Approx(0).margin(0.001));
  CHECK(rate({110, 110}) == Approx(0).margin(1e-6));
}

TEST_CASE("without steps a warm-up is its inner schedule") {
  const Cosine inner{.peak = 1.f, .floor = 0.1f};
  const Warmup<Cosine> rate{.steps = 0, .inner = inner};
  for (const sseg::Index step : {0, 7, 99}) CHECK(rate({step, 100}) == inner({step, 100}));
  const Warmup<Constant> constant{.steps = 4, .inner = {0.4f}};
  CHECK(constant({1, 100}) == Approx(0.2f));
  CHECK(constant({50, 100}) == 0.4f);
}

TEST_CASE("a run shorter than its warm-up only warms up") {
  const Warmup<Cosine> rate{.steps = 10, .inner = {.peak = 1.f}};
  for (sseg::Index step = 0; step < 5; ++step) CHECK(rate({step, 5}) == Approx(static_cast<float>(step + 1) / 10));
  CHECK(rate({10, 10}) == 1.f);
}

TEST_CASE("a ramp is linear over its share of the run and constant after it") {
  const Ramp ramp{.from = 0.04f, .to = 0.07f, .share = 0.3f};
  CHECK(ramp({0, 100}) == 0.04f);
  CHECK(ramp({15, 100}) == Approx(0.055f).epsilon(1e-6));
  CHECK(ramp({29, 100}) == Approx(0.04 + 0.03 * 29 / 30).epsilon(1e-6));
  for (const sseg::Index step : {31, 50, 99, 100, 1000}) CHECK(ramp({step, 100}) == 0.07f);
  const Ramp falling{.from = 1.f, .to = -1.f};  // over the whole run
  CHECK(falling({0, 8}) == 1.f);
  CHECK(falling({4, 8}) == 0.f);
  CHECK(falling({6, 8}) == -0.5f);
  CHECK(falling({8, 8}) == -1.f);
}

TEST_CASE("a ramp without a share has arrived from the start") {
  const Ramp ramp{.from = 1.f, .to = 2.f, .share = 0.f};
  for (const sseg::Index step : {0, 1, 100}) CHECK(ramp({step, 100}) == 2.f);
}

TEST_CASE("the teacher's momentum follows the cosine to 1") {
  const MomentumCosine momentum;
  const auto lack = [&](sseg::Index step) { return 1 - static_cast<double>(momentum({step, 1000})); };
  CHECK(momentum({0, 1000}) == 0.996f);
  CHECK(lack(250) == Approx(0.004 * 0.5 * (1 + std::sqrt(0.5))).epsilon(1e-3));
  CHECK(lack(500) == Approx(0.002).epsilon(1e-3));
  CHECK(lack(750) == Approx(0.004 * 0.5 * (1 - std::sqrt(0.5))).epsilon(1e-3));
  CHECK(momentum({1000, 1000}) == 1.f);
  CHECK(momentum({1700, 1000}) == 1.f);  // no way back after the end
  for (sseg::Index step = 0; step < 1000; step += 50) REQUIRE(momentum({step + 50, 1000}) > momentum({step, 1000}));
  const MomentumCosine lower{.from = 0.5f, .to = 0.9f};
  CHECK(lower({0, 4}) == 0.5f);
  CHECK(lower({1, 4}) == Approx(0.9 - 0.4 * 0.5 * (1 + std::sqrt(0.5))).epsilon(1e-6));
  CHECK(lower({2, 4}) == Approx(0.7f));
  CHECK(lower({4, 4}) == 0.9f);
}

TEST_CASE("after a mutation the rate rises linearly back to its own") {
  const Rewarm rewarm{.steps = 4};
  CHECK(rewarm.factor(0) == 0.25f);
  CHECK(rewarm.factor(1) == 0.5f);
  CHECK(rewarm.factor(3) == 1.f);
  CHECK(rewarm.factor(4) == 1.f);
  CHECK(rewarm.factor(100000) == 1.f);
  CHECK(rewarm.factor(-1) == 1.f);  // no mutation yet
  for (const sseg::Index since : {-1, 0, 1}) CHECK(Rewarm{}.factor(since) == 1.f);
  CHECK(Rewarm{3} == Rewarm{3});
  CHECK_FALSE(Rewarm{3} == Rewarm{4});
}

}  // namespace schedule_test

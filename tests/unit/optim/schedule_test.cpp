#include "sseg/optim/schedule.hpp"

#include "support/catch.hpp"

using sseg::Constant;
using sseg::Cosine;
using sseg::Warmup;

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

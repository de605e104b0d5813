#include "sseg/curriculum/curriculum_scheduler.hpp"

#include <numeric>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace curriculum_scheduler_test {

using sseg::CurriculumMemory;
using sseg::CurriculumScheduler;
using sseg::Index;
using sseg::LevelMix;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

void check_mix(const LevelMix& m, double one, double two, double three, double four) {
  CHECK(m[1] == Approx(one).margin(1e-9));
  CHECK(m[2] == Approx(two).margin(1e-9));
  CHECK(m[3] == Approx(three).margin(1e-9));
  CHECK(m[4] == Approx(four).margin(1e-9));
}

}  // namespace

TEST_CASE("shares of a batch become whole images that add up") {
  const LevelMix m{{0.1, 0.2, 0.3, 0.4}};
  CHECK(m.counts(10) == std::array<Index, 4>{1, 2, 3, 4});
  CHECK(m.counts(3) == std::array<Index, 4>{0, 1, 1, 1});
  CHECK(LevelMix{{0.5, 0.5, 0, 0}}.counts(3) == std::array<Index, 4>{2, 1, 0, 0});
  CHECK(LevelMix{{0.25, 0.25, 0.25, 0.25}}.counts(2) == std::array<Index, 4>{1, 1, 0, 0});
  for (const Index batch : {1, 7, 64, 101}) {
    const auto c = LevelMix{{1 / 3., 1 / 3., 0, 1 / 3.}}.counts(batch);
    CHECK(std::accumulate(c.begin(), c.end(), Index{0}) == batch);
    CHECK(c[2] == 0);
  }
  CHECK(m.mean_level() == Approx(3));
  CHECK_THAT(message_of([] { LevelMix{{0.5, 0.4, 0, 0}}.counts(4); }), Contains("add up"));
  CHECK_THAT(message_of([] { LevelMix{{1.5, -0.5, 0, 0}}.counts(4); }), Contains("outside"));
}

TEST_CASE("a linear curriculum rises evenly, mixes neighbours, and keeps a share of earlier levels") {
  const CurriculumScheduler s{.kind = "linear", .rise = 0.5, .earlier = 0.2};
  check_mix(s.mix({0, 600}, {}), 1, 0, 0, 0);
  check_mix(s.mix({50, 600}, {}), 0.6, 0.4, 0, 0);
  check_mix(s.mix({100, 600}, {}), 0.2, 0.8, 0, 0);
  check_mix(s.mix({150, 600}, {}), 0.1, 0.5, 0.4, 0);
  check_mix(s.mix({200, 600}, {}), 0.1, 0.1, 0.8, 0);
  check_mix(s.mix({300, 600}, {}), 0.2 / 3, 0.2 / 3, 0.2 / 3, 0.8);
  check_mix(s.mix({599, 600}, {}), 0.2 / 3, 0.2 / 3, 0.2 / 3, 0.8);
  double last = 0;
  for (Index step = 0; step <= 300; ++step) {
    const LevelMix m = s.mix({step, 600}, {});
    CHECK(m[1] + m[2] + m[3] + m[4] == Approx(1));
    CHECK(m.mean_level() >= last - 1e-9);
    last = m.mean_level();
  }
}

TEST_CASE("a stepwise curriculum takes the levels one after the other for equal times") {
  const CurriculumScheduler s{.kind = "step", .first_level = 2, .rise = 0.9, .earlier = 0};
  check_mix(s.mix({0, 1000}, {}), 0, 1, 0, 0);
  check_mix(s.mix({299, 1000}, {}), 0, 1, 0, 0);
  check_mix(s.mix({300, 1000}, {}), 0, 0, 1, 0);
  check_mix(s.mix({600, 1000}, {}), 0, 0, 0, 1);
  check_mix(s.mix({1000, 1000}, {}), 0, 0, 0, 1);
}

TEST_CASE("without a curriculum all levels have equal shares from the start") {
  const CurriculumScheduler s{.kind = "all", .first_level = 3};
  check_mix(s.mix({0, 10}, {}), 0, 0, 0.5, 0.5);
}

TEST_CASE("a self-paced curriculum goes on when the probe no longer rises, or has waited long enough") {
  const CurriculumScheduler s{.kind = "self_paced", .earlier = 0, .patience = 2, .min_gain = 0.1, .max_wait = 4};
  CurriculumMemory m;
  check_mix(s.mix({0, 10}, m), 1, 0, 0, 0);
  CHECK_FALSE(s.observe(m, 0.3));   // the first look
  CHECK_FALSE(s.observe(m, 0.35));  // too small a gain
  CHECK(s.observe(m, 0.32));
  CHECK(m == CurriculumMemory{.level = 2});
  check_mix(s.mix({9, 10}, m), 0, 1, 0, 0);
  CHECK_FALSE(s.observe(m, 0.1));
  CHECK_FALSE(s.observe(m, 0.3));
  CHECK_FALSE(s.observe(m, 0.5));
  CHECK(s.observe(m, 0.7));  // rises, but the fourth look is the last
  CHECK(m.level == 3);
  for (int k = 0; k < 3; ++k) s.observe(m, 0.5);
  CHECK(m.level == 4);
  for (int k = 0; k < 20; ++k) CHECK_FALSE(s.observe(m, 0.5));
  CHECK(m.level == 4);
  CurriculumMemory untouched;
  CHECK_FALSE(CurriculumScheduler{.kind = "linear"}.observe(untouched, 0.5));
  CHECK(untouched == CurriculumMemory{});
}

TEST_CASE("curricula that make no sense are refused") {
  const auto refused = [](const CurriculumScheduler& s) { return message_of([&] { s.check(); }); };
  CHECK(refused({}).empty());
  CHECK_THAT(refused({.kind = "liner"}), Contains("curriculum.scheduler.kind"));
  CHECK_THAT(refused({.first_level = 3, .last_level = 2}), Contains("first_level"));
  CHECK_THAT(refused({.last_level = 5}), Contains("last_level"));
  CHECK_THAT(refused({.rise = 0}), Contains("rise"));
  CHECK_THAT(refused({.earlier = 1}), Contains("earlier"));
  CHECK_THAT(refused({.patience = 0}), Contains("patience"));
}

}  // namespace curriculum_scheduler_test

#include "sseg/train/curriculum_order.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace curriculum_order_test {

using namespace sseg;

namespace {
constexpr LevelRanges levels{{{0, 30}, {30, 60}, {60, 70}, {70, 100}}};

std::vector<Index> batch(CurriculumOrder& order, Index step, const LevelMix& mix) {
  const auto b = order.at(step, mix);
  return {b.begin(), b.end()};
}
}  // namespace

TEST_CASE("a batch has of each level as many images as its share, none twice") {
  CurriculumOrder order(levels, 20, Rng(1));
  const LevelMix mix{{0.1, 0.5, 0.4, 0}};
  for (Index step = 0; step < 50; ++step) {
    const auto b = batch(order, step, mix);
    REQUIRE(b.size() == 20);
    CHECK(std::set<Index>(b.begin(), b.end()).size() == 20);
    CHECK(std::count_if(b.begin(), b.end(), [](Index i) { return i < 30; }) == 2);
    CHECK(std::count_if(b.begin(), b.end(), [](Index i) { return i >= 30 && i < 60; }) == 10);
    CHECK(std::count_if(b.begin(), b.end(), [](Index i) { return i >= 60 && i < 70; }) == 8);
  }
}

TEST_CASE("batches are a function of stream, step and shares, and reach all images alike") {
  CurriculumOrder one(levels, 10, Rng(1)), two(levels, 10, Rng(1)), other(levels, 10, Rng(2));
  const LevelMix all{{0.25, 0.25, 0.25, 0.25}}, first{{1, 0, 0, 0}};
  const auto late = batch(one, 17, all);
  batch(two, 3, first);
  CHECK(batch(two, 17, all) == late);
  CHECK(batch(two, 18, all) != late);
  CHECK(batch(other, 17, all) != late);
  std::vector<int> seen(30);
  for (Index step = 0; step < 3000; ++step)
    for (const Index i : batch(one, step, first)) ++seen[to_size(i)];
  for (const int n : seen) CHECK((n > 860 && n < 1140));  // 1000 expected, five standard deviations
}

TEST_CASE("a level with too few images is named") {
  CurriculumOrder order(levels, 20, Rng(1));
  CHECK_NOTHROW(order.at(0, {{0.5, 0, 0.5, 0}}));
  CHECK_THAT(sseg_test::message_of([&] {
               order.at(0, {{0, 0, 1, 0}});
             }),
             sseg_test::Contains("20 images of level 3, and there are 10"));
}

}  // namespace curriculum_order_test

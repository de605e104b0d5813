#include "sseg/train/training_views.hpp"

#include <algorithm>

#include "small_run.hpp"
#include "support/catch.hpp"
#include "unit/io/message_of.hpp"

using namespace small_run;

namespace {

std::vector<float> copied(View<const float> v) { return {v.data, v.data + v.shape.count()}; }

}  // namespace

TEST_CASE("Views beside training are a pure function of stream and step") {
  const Images data = images();
  auto crops = recipe().views;
  crops.counts = {.global = 3, .local = 1, .rotated = 1};
  Threads one(1), three(3);
  TrainingViews<Images, decltype(crops)> a(one, data, crops, 8, Rng(4)), b(three, data, crops, 8, Rng(4)),
      other(one, data, crops, 8, Rng(5));
  const auto first = copied(a.at(0).global), tenth = copied(a.at(10).global);
  CHECK(a.at(10).global.shape == Shape{24, 16, 16, 1});
  CHECK(a.at(10).local);
  CHECK(a.at(10).rotated);
  CHECK_FALSE(first == tenth);
  CHECK(copied(b.at(10).global) == tenth);
  CHECK(copied(b.global(0)) == first);
  CHECK(copied(b.global(10)) == tenth);
  CHECK_FALSE(copied(other.at(0).global) == first);
}

TEST_CASE("Views beside training refuse a batch larger than the set") {
  const Images data = images();
  Threads threads(1);
  CHECK_FALSE(sseg_test::message_of([&] {
                TrainingViews<Images, decltype(SmallRecipe::views)>(threads, data, recipe().views, 61, Rng(1));
              }).empty());
}

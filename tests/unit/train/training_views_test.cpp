#include "sseg/train/training_views.hpp"

#include <algorithm>

#include "small_run.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace training_views_test {

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

TEST_CASE("Order and distortion are drawn anew for every stream and step") {
  const Images data = images(), single = data.subset({0});
  Threads threads(1);
  auto crops = recipe().views;
  TrainingViews<Images, decltype(crops)> alone(threads, single, crops, 1, Rng(4));
  const auto once = copied(alone.at(0).global);
  CHECK_FALSE(copied(alone.at(1).global) == once);  // the same image

  crops.counts.clean_first = true;  // the first half of the rows then are the images as they are
  crops.clean = pipeline(Warp{.rotate = 0, .scale = 0, .shear = 0, .translate = 0, .elastic = 0});
  TrainingViews<Images, decltype(crops)> a(threads, data, crops, 8, Rng(4)), b(threads, data, crops, 8, Rng(5));
  auto first = copied(a.at(0).global), other = copied(b.at(0).global);
  first.resize(first.size() / 2), other.resize(other.size() / 2);
  CHECK_FALSE(first == other);
}

TEST_CASE("Views beside training refuse a batch larger than the set") {
  const Images data = images();
  Threads threads(1);
  CHECK_FALSE(sseg_test::message_of([&] {
                TrainingViews<Images, decltype(SmallRecipe::views)>(threads, data, recipe().views, 61, Rng(1));
              }).empty());
}

TEST_CASE("Views beside training under a curriculum are of the levels that the mix asks for") {
  Images data = images();  // three levels of 20 by their brightness, and an empty one
  for (Index i = 0; i < data.size(); ++i) {
    const Index level = i / 20;
    for (float& v : data.image(i).flat()) v = static_cast<float>(level) / 4;
  }
  const LevelRanges levels{{{0, 20}, {20, 40}, {40, 60}, {60, 60}}};
  auto crops = recipe().views;
  crops.counts = {.global = 1};
  crops.counts.clean_first = true;
  crops.clean = pipeline(Warp{.rotate = 0, .scale = 0, .shear = 0, .translate = 0, .elastic = 0});
  Threads threads(2);
  LevelMix mix;
  mix.share = {0.25, 0, 0.75, 0};
  TrainingViews<Images, decltype(crops)> views(threads, data, crops, 8, Rng(4), levels, mix);
  for (const Index step : {0, 3}) {
    const auto rows = copied(views.global(step));
    for (std::size_t i = 0; i < 8; ++i) CHECK(rows[i * 256 + 100] == Approx(i < 2 ? 0.f : 0.5f));  // lower levels first
  }
  mix.share = {0, 0, 0, 1};
  TrainingViews<Images, decltype(crops)> none(threads, data, crops, 8, Rng(4), levels, mix);
  CHECK_THAT(sseg_test::message_of([&] { none.global(0); }), sseg_test::Contains("level 4"));
}

}  // namespace training_views_test

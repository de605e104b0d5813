#include "sseg/augment/erase_boxes.hpp"

#include <algorithm>
#include <cmath>

#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace erase_boxes_test {

using sseg::EraseBoxes;
using sseg::Rng;
using sseg::Shape;
using sseg_test::augmented;
using sseg_test::Contains;
using sseg_test::Index;
using sseg_test::message_of;
using sseg_test::Picture;
using sseg_test::random_picture;

TEST_CASE("boxes lie inside, with areas and ratios within their limits and spread over them") {
  const EraseBoxes erase{.scale_min = 0.1f, .scale_max = 0.2f, .ratio_min = 0.5f, .ratio_max = 2};
  const Shape picture{80, 100, 1};
  double areas = 0, logs = 0;
  Index bottom = 0, right = 0, top = 99, left = 99;
  Rng rng(1);
  constexpr int draws = 4000;
  for (int k = 0; k < draws; ++k) {
    const EraseBoxes::Box b = erase.box(rng, picture);
    REQUIRE((b.top >= 0 && b.left >= 0 && b.top + b.height <= 80 && b.left + b.width <= 100));
    const double area = static_cast<double>(b.height * b.width) / 8000;
    const double ratio = static_cast<double>(b.height) / static_cast<double>(b.width);
    REQUIRE((area > 0.095 && area < 0.21 && ratio > 0.47 && ratio < 2.15));  // sides are whole pixels
    areas += area, logs += std::log(ratio);
    top = std::min(top, b.top), left = std::min(left, b.left);
    bottom = std::max(bottom, b.top + b.height), right = std::max(right, b.left + b.width);
  }
  CHECK(areas / draws == Approx(0.15).margin(0.003));
  CHECK(logs / draws == Approx(0).margin(0.03));
  CHECK((top == 0 && left == 0 && bottom == 80 && right == 100));
}

TEST_CASE("an erased box holds the fill and nothing else changes") {
  const Picture in({12, 15, 3}, 0.6f);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const EraseBoxes erase{.probability = 1, .scale_max = 0.2f, .fill = 0.25f};
    const Picture out = augmented(erase, in, seed);
    Rng rng(seed);
    rng.uniform();  // the draw of the probability
    const EraseBoxes::Box b = erase.box(rng, in.shape);
    for (Index y = 0; y < 12; ++y)
      for (Index x = 0; x < 15; ++x) {
        const bool hit = y >= b.top && y < b.top + b.height && x >= b.left && x < b.left + b.width;
        for (Index c = 0; c < 3; ++c) REQUIRE(out.at(y, x, c) == (hit ? 0.25f : 0.6f));
      }
  }
}

TEST_CASE("noise fills a box with many values of a picture") {
  const Picture in({40, 40, 1}, 2.f);
  const Picture out = augmented(
      EraseBoxes{.probability = 1, .scale_min = 0.5f, .scale_max = 0.5f, .ratio_min = 1, .ratio_max = 1, .noise = true},
      in, 1);
  double sum = 0;
  int erased = 0;
  for (const float v : out.value)
    if (v != 2.f) {
      REQUIRE((v >= 0 && v < 1));
      sum += static_cast<double>(v), ++erased;
    }
  CHECK(erased == 28 * 28);
  CHECK(sum / erased == Approx(0.5).margin(0.05));
}

TEST_CASE("each of several boxes comes with the probability") {
  const Picture in({20, 20, 1}, 1.f);
  const EraseBoxes tiny{
      .probability = 0.5f, .count = 3, .scale_min = 0.0025f, .scale_max = 0.0025f, .ratio_min = 1, .ratio_max = 1};
  double erased = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Picture out = augmented(tiny, in, seed);
    erased += static_cast<double>(std::count(out.value.begin(), out.value.end(), 0.f));
  }
  CHECK(erased / 2000 == Approx(1.5).margin(0.06));
}

TEST_CASE("erasing that is off draws nothing, and a box that cannot fit is left out") {
  const Picture in = random_picture({6, 6, 2}, 1);
  Picture out(in.shape);
  Rng rng(3), untouched(3);
  CHECK(EraseBoxes{.probability = 0}.idle());
  CHECK(EraseBoxes{.count = 0}.idle());
  EraseBoxes{.probability = 0}(rng, in.view(), out.view());
  CHECK(out == in);
  CHECK(rng.next_u32() == untouched.next_u32());
  const EraseBoxes long_one{.probability = 1, .scale_min = 1, .scale_max = 1, .ratio_min = 9, .ratio_max = 9};
  CHECK(augmented(long_one, in, 1) == in);
  CHECK(long_one.box(rng, in.shape) == EraseBoxes::Box{});
}

TEST_CASE("limits out of order are refused") {
  const Picture in({4, 4, 1});
  for (const EraseBoxes& wrong :
       {EraseBoxes{.count = -1}, EraseBoxes{.scale_min = 0}, EraseBoxes{.scale_min = 0.5f, .scale_max = 0.4f},
        EraseBoxes{.scale_max = 1.5f}, EraseBoxes{.ratio_min = 0}, EraseBoxes{.ratio_min = 4}, EraseBoxes{.fill = 2}})
    CHECK_THAT(message_of([&] { augmented(wrong, in, 1); }), Contains("out of range") && Contains("EraseBoxes"));
}

}  // namespace erase_boxes_test

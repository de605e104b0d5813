#include "sseg/augment/tent_sampler.hpp"

#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/augment/pictures.hpp"

namespace tent_sampler_test {

using sseg::TentSampler;
using sseg_test::Index;
using sseg_test::Picture;
using sseg_test::random_picture;

namespace {

float read(TentSampler& sampler, float y, float x) {
  float value = -99;
  sampler.read(&y, &x, 1, &value);
  return value;
}

}  // namespace

TEST_CASE("a reach of one is bilinear interpolation, and a smaller one counts as one") {
  const Picture in = random_picture({4, 5, 1}, 1);
  for (const float reach : {1.f, 0.2f, 0.f}) {
    TentSampler sampler;
    sampler.set(in.view(), reach, reach, false);
    for (Index y = 0; y < 4; ++y)
      for (Index x = 0; x < 5; ++x) CHECK(read(sampler, static_cast<float>(y), static_cast<float>(x)) == in.at(y, x));
    CHECK(read(sampler, 1.25f, 2.5f) ==
          Approx(0.75f * (in.at(1, 2) + in.at(1, 3)) / 2 + 0.25f * (in.at(2, 2) + in.at(2, 3)) / 2));
    CHECK(read(sampler, -0.25f, 0) == Approx(0.75f * in.at(0, 0)));
  }
}

TEST_CASE("outside lie zeros or the border, as far as one goes, and what is no number is outside too") {
  const Picture in({3, 4, 1}, 0.5f);
  const float infinity = std::numeric_limits<float>::infinity(), no_number = std::numeric_limits<float>::quiet_NaN();
  for (const float reach : {1.f, 1.7f, 3.2f, 8.f, 1e9f, infinity, no_number}) {
    TentSampler zeros, border;
    zeros.set(in.view(), reach, reach, false);
    border.set(in.view(), reach, reach, true);
    for (const float y : {-1e30f, -50.f, 50.f, 1e30f, infinity, -infinity, no_number})
      for (const float x : {-1e30f, -50.f, 1.f, 50.f, infinity, -infinity, no_number}) {
        CHECK(read(zeros, y, x) == 0);
        CHECK(read(zeros, x == 1 ? y : x, y) == 0);
        CHECK(read(border, y, x) == Approx(0.5f));
        CHECK(read(border, 1.f, x) == Approx(0.5f));
      }
  }
}

TEST_CASE("the averages of a ramp are the ramp") {
  Picture ramp({40, 40, 1});
  for (Index y = 0; y < 40; ++y)
    for (Index x = 0; x < 40; ++x) ramp.value[sseg::to_size(y * 40 + x)] = static_cast<float>(2 * y + 3 * x) / 200;
  for (const float reach : {1.f, 2.f, 4.f}) {  // whole reaches have no ripple
    TentSampler sampler;
    sampler.set(ramp.view(), reach, reach, false);
    for (const float y : {12.f, 13.3f, 20.75f}) CHECK(read(sampler, y, 17.6f) == Approx((2 * y + 3 * 17.6f) / 200));
  }
}

TEST_CASE("a sampler allocates nothing for pictures no larger than before") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  const Picture large = random_picture({30, 30, 3}, 1), small = random_picture({8, 20, 3}, 2);
  TentSampler sampler;
  sampler.set(large.view(), 8, 8, true);
  const long before = malloc_count();
  for (int k = 0; k < 5; ++k) {
    sampler.set(small.view(), 2, 3, false);
    sampler.set(large.view(), 7, 1, true);
  }
  CHECK(malloc_count() == before);
}

}  // namespace tent_sampler_test

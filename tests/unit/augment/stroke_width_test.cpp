#include "sseg/augment/stroke_width.hpp"

#include <algorithm>
#include <cmath>

#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace stroke_width_test {

using sseg::Rng;
using sseg::Shape;
using sseg::StrokeWidth;
using sseg_test::augmented;
using sseg_test::Index;
using sseg_test::Picture;
using sseg_test::random_picture;

namespace {

Picture widened(const Picture& in, float pixels) {
  Picture out(in.shape, -99.f);
  StrokeWidth::widen(in.view(), pixels, out.view());
  return out;
}

/// The largest or smallest value of a square, from its definition.
Picture square(const Picture& in, Index radius, bool largest) {
  Picture out(in.shape);
  const Index h = in.shape[0], w = in.shape[1], channels = in.shape[2];
  for (Index y = 0; y < h; ++y)
    for (Index x = 0; x < w; ++x)
      for (Index c = 0; c < channels; ++c) {
        float value = in.at(y, x, c);
        for (Index i = std::max<Index>(y - radius, 0); i <= std::min(y + radius, h - 1); ++i)
          for (Index j = std::max<Index>(x - radius, 0); j <= std::min(x + radius, w - 1); ++j)
            value = largest ? std::max(value, in.at(i, j, c)) : std::min(value, in.at(i, j, c));
        out.value[sseg::to_size((y * w + x) * channels + c)] = value;
      }
  return out;
}

}  // namespace

TEST_CASE("whole steps are a gray dilation or erosion by a square") {
  for (const Shape s : {Shape{9, 13, 1}, Shape{12, 6, 3}, Shape{1, 1, 2}, Shape{3, 2, 1}}) {
    const Picture in = random_picture(s, 1);
    CHECK(widened(in, 0) == in);
    for (const Index n : {Index{1}, Index{2}, Index{3}, Index{16}}) {
      CHECK(widened(in, static_cast<float>(n)) == square(in, n, true));
      CHECK(widened(in, -static_cast<float>(n)) == square(in, n, false));
    }
  }
}

TEST_CASE("parts of a step mix the two steps beside them") {
  const Picture in = random_picture({10, 11, 2}, 2);
  for (const float amount : {0.25f, 1.5f, 2.75f})
    for (const bool thicker : {true, false}) {
      const auto n = static_cast<Index>(amount);
      const float part = amount - static_cast<float>(n);
      const Picture low = square(in, n, thicker), high = square(in, n + 1, thicker);
      const Picture out = widened(in, thicker ? amount : -amount);
      for (std::size_t i = 0; i < in.value.size(); ++i)
        REQUIRE(out.value[i] == Approx((1 - part) * low.value[i] + part * high.value[i]).margin(1e-6));
    }
}

TEST_CASE("a wider pen draws at least as much ink everywhere, evenly with the amount") {
  Picture line({9, 9, 1});
  for (Index y = 0; y < 9; ++y) line.value[sseg::to_size(y * 9 + 4)] = 1;
  const auto ink = [](const Picture& p) {
    float sum = 0;
    for (const float v : p.value) sum += v;
    return sum / static_cast<float>(p.shape[0]);
  };
  for (const float pixels : {0.f, 0.5f, 1.f, 1.75f}) CHECK(ink(widened(line, pixels)) == Approx(1 + 2 * pixels));
  CHECK(ink(widened(line, -0.25f)) == Approx(0.75f));
}

TEST_CASE("the width changes with its probability, within its limits, both ways") {
  Picture edge({1, 9, 1});
  for (Index x = 0; x < 4; ++x) edge.value[sseg::to_size(x)] = 1;
  const auto ink = [](const Picture& p) {
    float sum = 0;
    for (const float v : p.value) sum += v;
    return sum;
  };
  int changed = 0;
  float least = 0, most = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const float grown =
        ink(augmented(StrokeWidth{.thinner = 0.5f, .thicker = 2, .probability = 0.25f}, edge, seed)) - 4;
    changed += grown != 0;
    least = std::min(least, grown), most = std::max(most, grown);
  }
  CHECK(changed / 3000.0 == Approx(0.25).margin(0.03));
  CHECK((least >= -0.5f && least < -0.45f && most <= 2 && most > 1.9f));
}

TEST_CASE("stroke width that is off changes nothing and draws nothing") {
  const StrokeWidth off{.probability = 0};
  CHECK(off.idle());
  CHECK_FALSE(StrokeWidth{}.idle());
  const Picture in = random_picture({5, 5, 1}, 1);
  Picture out(in.shape);
  Rng rng(3), untouched(3);
  off(rng, in.view(), out.view());
  CHECK(out == in);
  CHECK(rng.next_u32() == untouched.next_u32());
}

TEST_CASE("stroke width allocates nothing after its first picture, and refuses amounts out of range") {
  const Picture in = random_picture({28, 28, 1}, 1);
  for (const StrokeWidth& wrong : {StrokeWidth{.thinner = -1}, StrokeWidth{.thicker = -1}, StrokeWidth{.thicker = 17},
                                   StrokeWidth{.thinner = std::nanf("")}})
    CHECK_THAT(sseg_test::message_of([&] { augmented(wrong, in, 1); }), sseg_test::Contains("StrokeWidth"));
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  Picture out(in.shape);
  StrokeWidth::widen(in.view(), 1.5f, out.view());
  const long before = malloc_count();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    StrokeWidth{.thicker = 3}(rng, in.view(), out.view());
  }
  CHECK(malloc_count() == before);
}

}  // namespace stroke_width_test

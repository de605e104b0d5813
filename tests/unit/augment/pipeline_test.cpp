#include "sseg/augment/pipeline.hpp"

#include <algorithm>

#include "sseg/augment/brightness.hpp"
#include "sseg/augment/erase.hpp"
#include "sseg/augment/stroke_width.hpp"
#include "sseg/augment/warp.hpp"
#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"

namespace pipeline_test {

using sseg::Brightness;
using sseg::Erase;
using sseg::pipeline;
using sseg::Rng;
using sseg::Shape;
using sseg::View;
using sseg::Warp;
using sseg_test::augmented;
using sseg_test::Picture;
using sseg_test::random_picture;

namespace {

/// x ← factor·x + offset + one draw: does not commute, and draws.
struct Affine {
  float factor = 1, offset = 0;
  bool operator==(const Affine&) const = default;
  constexpr Shape out_shape(Shape s) const { return s; }
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    const float drawn = rng.uniform();
    for (sseg::Index i = 0; i < in.shape.count(); ++i) out.data[i] = factor * in.data[i] + offset + drawn;
  }
};

/// Keeps every second row: the shape changes on the way.
struct HalfRows {
  bool operator==(const HalfRows&) const = default;
  constexpr Shape out_shape(Shape s) const { return {s[0] / 2, s[1], s[2]}; }
  void operator()(Rng&, View<const float> in, View<float> out) const {
    for (sseg::Index i = 0; i < out.shape[0]; ++i)
      for (sseg::Index j = 0; j < in.shape[1] * in.shape[2]; ++j) out.item(i).data[j] = in.item(2 * i).data[j];
  }
};

/// Turns the order of all values round: goes wrong when it reads what it writes.
struct Reverse {
  bool operator==(const Reverse&) const = default;
  constexpr Shape out_shape(Shape s) const { return s; }
  void operator()(Rng&, View<const float> in, View<float> out) const {
    const sseg::Index n = in.shape.count();
    for (sseg::Index i = 0; i < n; ++i) out.data[i] = in.data[n - 1 - i];
  }
};

}  // namespace

TEST_CASE("a pipeline applies its steps in order with one stream") {
  const Picture in = random_picture({3, 3, 1}, 1);
  const Picture out = augmented(pipeline(Affine{2, 1}, Affine{-3, 5}), in, 7);
  Rng rng(7);
  const float first = rng.uniform(), second = rng.uniform();
  for (std::size_t i = 0; i < in.value.size(); ++i)
    CHECK(out.value[i] == Approx(-3 * (2 * in.value[i] + 1 + first) + 5 + second));
  CHECK(out != augmented(pipeline(Affine{-3, 5}, Affine{2, 1}), in, 7));
}

TEST_CASE("a pipeline equals its steps called one after the other") {
  const Warp warp{};
  const Brightness light{};
  const Erase erase{.probability = 1};
  const Picture in = random_picture({20, 18, 3}, 2);
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    Picture a(in.shape), b(in.shape), c(in.shape);
    Rng rng(seed);
    warp(rng, in.view(), a.view());
    light(rng, a.view(), b.view());
    erase(rng, b.view(), c.view());
    CHECK(augmented(pipeline(warp, light, erase), in, seed) == c);
    CHECK(augmented(pipeline(pipeline(warp, light), erase), in, seed) == c);
  }
}

TEST_CASE("no step reads where it writes") {
  const Picture in = random_picture({4, 5, 1}, 8);
  Picture turned = in;
  std::reverse(turned.value.begin(), turned.value.end());
  CHECK(augmented(pipeline(Reverse{}, Reverse{}), in, 1) == in);
  CHECK(augmented(pipeline(Reverse{}, Reverse{}, Reverse{}), in, 1) == turned);
  CHECK(augmented(pipeline(Reverse{}, Reverse{}, Reverse{}, Reverse{}), in, 1) == in);
  CHECK(augmented(pipeline(pipeline(Reverse{}, Reverse{}, Reverse{}), Reverse{}, Reverse{}), in, 1) == turned);
}

TEST_CASE("a pipeline of one step is that step") {
  const Picture in = random_picture({9, 9, 1}, 3);
  CHECK(augmented(pipeline(Warp{}), in, 4) == augmented(Warp{}, in, 4));
}

TEST_CASE("the shape may change on the way") {
  const auto steps = pipeline(HalfRows{}, Affine{1, 0}, HalfRows{});
  CHECK(steps.out_shape({8, 5, 2}) == Shape{2, 5, 2});
  const Picture in = random_picture({8, 5, 2}, 5);
  const Picture out = augmented(steps, in, 6);
  const float drawn = Rng(6).uniform();
  REQUIRE(out.value.size() == 20);
  for (sseg::Index y = 0; y < 2; ++y)
    for (sseg::Index x = 0; x < 5; ++x)
      for (sseg::Index c = 0; c < 2; ++c) CHECK(out.at(y, x, c) == Approx(in.at(4 * y, x, c) + drawn));
  // Another picture, larger than the one the buffers grew for.
  const Picture large = random_picture({80, 50, 3}, 5);
  CHECK(augmented(steps, large, 6).at(10, 3, 2) == Approx(large.at(40, 3, 2) + drawn));
}

TEST_CASE("pipelines are plain values") {
  CHECK(pipeline(Affine{1, 2}, HalfRows{}) == pipeline(Affine{1, 2}, HalfRows{}));
  CHECK(pipeline(Affine{1, 2}, HalfRows{}) != pipeline(Affine{1, 3}, HalfRows{}));
  static_assert(sseg::Augmentation<sseg::Pipeline<Warp, Erase>>);
}

TEST_CASE("steps that are off are passed over, first, last, between and all") {
  using sseg::StrokeWidth;
  constexpr StrokeWidth off{.probability = 0};
  const Picture in = random_picture({6, 7, 1}, 9);
  const Picture plain = augmented(pipeline(Affine{2, 1}, Reverse{}), in, 3);
  CHECK(augmented(pipeline(off, Affine{2, 1}, Reverse{}), in, 3) == plain);
  CHECK(augmented(pipeline(Affine{2, 1}, off, off, Reverse{}), in, 3) == plain);
  CHECK(augmented(pipeline(Affine{2, 1}, Reverse{}, off), in, 3) == plain);
  CHECK(augmented(pipeline(pipeline(off, off), Affine{2, 1}, off, Reverse{}, pipeline(off)), in, 3) == plain);
  CHECK(augmented(pipeline(off, off), in, 3) == in);
  CHECK(pipeline(off, pipeline(off)).idle());
  CHECK_FALSE(pipeline(off, Reverse{}).idle());
}

}  // namespace pipeline_test

#include "sseg/curriculum/shape_brush.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"

namespace shape_brush_test {

using sseg::Index;
using sseg::ObjectFactors;
using sseg::ShapeBrush;

namespace {

constexpr Index shapes = static_cast<Index>(sseg::shape_kinds::all.size());

ObjectFactors any_object(sseg::Rng& rng, Index shape) {
  ObjectFactors o;
  o.shape = shape;
  o.x = rng.uniform(-0.8f, 0.8f), o.y = rng.uniform(-0.8f, 0.8f);
  o.size = rng.uniform(0.1f, 0.9f);
  o.angle = rng.uniform(-180.f, 180.f);
  o.stretch = std::exp(rng.uniform(-0.4f, 0.4f));
  if (rng.chance(0.5f)) o.stroke = rng.uniform(0.03f, 0.2f);
  o.paint.kind = rng.chance(0.5f) ? rng.below(12) : -1;
  o.paint.first = {rng.uniform(), rng.uniform(), rng.uniform()};
  o.paint.second = {rng.uniform(), rng.uniform(), rng.uniform()};
  return o;
}

}  // namespace

TEST_CASE("painting by blocks gives what painting every pixel gives") {
  sseg::Rng rng(21);
  for (Index k = 0; k < 4 * shapes; ++k) {
    const Index side = 9 + rng.below(140), channels = rng.chance(0.5f) ? 3 : 1;
    const ObjectFactors o = any_object(rng, k % shapes);
    INFO(sseg::shape_kinds::all[sseg::to_size(o.shape)].name << " of side " << side);
    std::vector<float> painted(sseg::to_size(side * side * channels), 0.25f);
    const ShapeBrush brush(o, {painted.data(), {side, side, channels}});
    brush.paint();
    const sseg::Texture texture(o.paint, side);
    std::vector<float> mix(sseg::to_size(side));
    for (Index y = 0; y < side; ++y) {
      texture.read(y, 0, side, mix.data());
      for (Index x = 0; x < side; ++x) {
        const float share = brush.cover(y, x);
        for (Index c = 0; c < channels; ++c) {
          const auto value = [&](const sseg::Color& color) {
            return channels == 3 ? color[sseg::to_size(c)] : sseg::luma(color.data(), 3);
          };
          const float paint =
              value(o.paint.first) + mix[sseg::to_size(x)] * (value(o.paint.second) - value(o.paint.first));
          REQUIRE(painted[sseg::to_size((y * side + x) * channels + c)] ==
                  Approx(0.25f + share * (paint - 0.25f)).margin(1e-3));
        }
      }
    }
  }
}

TEST_CASE("edges are antialiased: the covered area is that of the shape, wherever it lies") {
  constexpr Index side = 40;
  sseg::Rng rng(4);
  for (int k = 0; k < 50; ++k) {
    ObjectFactors o;  // a circle of radius 0.85
    o.size = rng.uniform(0.2f, 0.6f);
    o.x = rng.uniform(-0.3f, 0.3f), o.y = rng.uniform(-0.3f, 0.3f);
    const ShapeBrush brush(o, {nullptr, {side, side, 1}});
    double area = 0;
    for (Index y = 0; y < side; ++y)
      for (Index x = 0; x < side; ++x) area += static_cast<double>(brush.cover(y, x)) * 4 / (side * side);
    const double radius = 0.85 * static_cast<double>(o.size);
    CHECK(area == Approx(std::numbers::pi * radius * radius).epsilon(0.02));
  }
}

TEST_CASE("a shape is moved, turned, stretched and outlined as its factors say") {
  constexpr Index side = 100;
  const auto covered = [](const ObjectFactors& o, float x, float y) {  // in half sides
    const auto pixel = [](float v) { return static_cast<Index>((v + 1) * side / 2); };
    return ShapeBrush(o, {nullptr, {side, side, 1}}).cover(pixel(y), pixel(x)) > 0.5f;
  };
  ObjectFactors bar;
  while (sseg::shape_kinds::all[sseg::to_size(bar.shape)].name != "bar") ++bar.shape;
  bar.size = 0.5f, bar.x = 0.2f, bar.y = -0.1f;  // half its length 0.5, half its width 0.14
  CHECK(covered(bar, 0.65f, -0.1f));
  CHECK_FALSE(covered(bar, 0.75f, -0.1f));
  CHECK_FALSE(covered(bar, 0.2f, 0.3f));
  bar.angle = 90;
  CHECK(covered(bar, 0.2f, 0.3f));
  CHECK_FALSE(covered(bar, 0.6f, -0.1f));
  bar.angle = 0, bar.stretch = 1.4f;
  CHECK(covered(bar, 0.85f, -0.1f));
  bar.stroke = 0.05f;
  CHECK_FALSE(covered(bar, 0.2f, -0.1f));
  CHECK(covered(bar, 0.2f, -0.22f));
  ObjectFactors arrow;  // points up; turned by 90 degrees, clockwise as drawn, to the right
  while (sseg::shape_kinds::all[sseg::to_size(arrow.shape)].name != "arrow") ++arrow.shape;
  arrow.angle = 90;
  CHECK(covered(arrow, 0.4f, 0));
  CHECK(covered(arrow, 0.15f, 0.3f));
  CHECK_FALSE(covered(arrow, -0.15f, 0.3f));
}

}  // namespace shape_brush_test

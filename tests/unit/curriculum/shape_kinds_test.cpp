#include "sseg/curriculum/shape_kinds.hpp"

#include <cmath>
#include <set>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"

namespace shape_kinds_test {

using sseg::Point;
namespace kinds = sseg::shape_kinds;

TEST_CASE("every kind of shape has a name of its own") {
  std::set<std::string_view> names;
  for (const auto& kind : kinds::all) names.insert(kind.name);
  CHECK(names.size() == kinds::all.size());
}

TEST_CASE("a circle's distance counted by hand") {
  CHECK(kinds::circle({3, 4}, 2) == Approx(3));
  CHECK(kinds::circle({0, 0}, 2) == Approx(-2));
}

TEST_CASE("every shape lies within -1 to 1 on both axes, negative inside and positive outside") {
  constexpr int side = 200;
  for (const auto& kind : kinds::all) {
    INFO(kind.name);
    int inside = 0;
    for (int i = 0; i < side; ++i)
      for (int j = 0; j < side; ++j)
        inside += kind.distance({(static_cast<float>(j) + .5f) / 100 - 1, (static_cast<float>(i) + .5f) / 100 - 1}) < 0;
    CHECK(inside > 0.1 * side * side);
    CHECK(inside < 0.75 * side * side);
    for (int k = 0; k < 400; ++k) {
      const float angle = static_cast<float>(k) * 0.0157079633f;
      REQUIRE(kind.distance({1.5f * std::cos(angle), 1.5f * std::sin(angle)}) > 0.05f);
    }
  }
}

TEST_CASE("distances change by one for every unit of way where they are smooth, and never by more") {
  sseg::Rng rng(3);
  for (const auto& kind : kinds::all) {
    INFO(kind.name);
    constexpr int points = 4000;
    int smooth = 0;
    for (int k = 0; k < points; ++k) {
      const Point p{rng.uniform(-1.2f, 1.2f), rng.uniform(-1.2f, 1.2f)};
      constexpr float h = 2e-3f;
      const float dx = (kind.distance({p.x + h, p.y}) - kind.distance({p.x - h, p.y})) / (2 * h);
      const float dy = (kind.distance({p.x, p.y + h}) - kind.distance({p.x, p.y - h})) / (2 * h);
      smooth += std::abs(std::hypot(dx, dy) - 1) < 0.01f;
      const Point q{p.x + rng.uniform(-0.4f, 0.4f), p.y + rng.uniform(-0.4f, 0.4f)};
      REQUIRE(std::abs(kind.distance(p) - kind.distance(q)) <= std::hypot(p.x - q.x, p.y - q.y) * 1.0001f + 1e-5f);
    }
    CHECK(smooth > 0.95 * points);
  }
}

TEST_CASE("sixteen points at once have the distances that each has alone") {
  sseg::Rng rng(8);
  for (const auto& kind : sseg::shape_kinds::all) {
    INFO(kind.name);
    for (int round = 0; round < 40; ++round) {
      sseg::PointBlock at;
      for (float& x : at.x) x = rng.uniform(-1.5f, 1.5f);
      for (float& y : at.y) y = rng.uniform(-1.5f, 1.5f);
      sseg::PointBlock::Values distance;
      kind.distances(at, distance);
      for (std::size_t k = 0; k < sseg::PointBlock::count; ++k)
        REQUIRE(distance[k] == Approx(kind.distance({at.x[k], at.y[k]})).margin(1e-6));
    }
  }
}

}  // namespace shape_kinds_test

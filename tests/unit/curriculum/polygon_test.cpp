#include "sseg/curriculum/polygon.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"

namespace polygon_test {

using sseg::Point;

namespace {

/// Distance to the nearest edge in double, and the winding number by summed angles: another way than the library's.
double reference(Point p, const std::vector<Point>& v) {
  double nearest = std::numeric_limits<double>::max(), turned = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const Point a = v[i], b = v[(i + 1) % v.size()];
    const double ax = static_cast<double>(a.x) - static_cast<double>(p.x),
                 ay = static_cast<double>(a.y) - static_cast<double>(p.y);
    const double bx = static_cast<double>(b.x) - static_cast<double>(p.x),
                 by = static_cast<double>(b.y) - static_cast<double>(p.y);
    turned += std::atan2(ax * by - ay * bx, ax * bx + ay * by);
    const double ex = bx - ax, ey = by - ay;
    const double t = std::clamp(-(ax * ex + ay * ey) / (ex * ex + ey * ey), 0., 1.);
    nearest = std::min(nearest, std::hypot(ax + t * ex, ay + t * ey));
  }
  return std::abs(turned) > 3 ? -nearest : nearest;
}

}  // namespace

TEST_CASE("distances to polygons counted by hand") {
  const auto box = sseg::polygon(Point{-1, -2}, Point{1, -2}, Point{1, 2}, Point{-1, 2});
  CHECK(box.distance({0, 0}) == Approx(-1));
  CHECK(box.distance({0.25f, 1.75f}) == Approx(-0.25));
  CHECK(box.distance({4, 0}) == Approx(3));
  CHECK(box.distance({4, 6}) == Approx(5));  // the nearest point is the corner (1, 2)
  CHECK(box.distance({1, 1}) == Approx(0).margin(1e-6));
  // Tips at radius 1, the first at the top; a square of this kind has its sides at 1/√2.
  CHECK(sseg::regular_polygon<4>().distance({0, -1}) == Approx(0).margin(1e-3));
  CHECK(sseg::regular_polygon<4>().distance({0, 0}) == Approx(-std::sqrt(0.5)));
  CHECK(sseg::regular_polygon<3>().distance({0, 0}) == Approx(-0.5));
  CHECK(sseg::regular_polygon<6>().distance({0, -3}) == Approx(2));
  CHECK(sseg::star<5>(0.4f).distance({0, -1}) == Approx(0).margin(1e-3));
  CHECK(sseg::star<5>(0.4f).distance({0, 0.4f}) == Approx(0).margin(1e-3));
}

TEST_CASE("distances to polygons agree with a slow reference in double") {
  sseg::Rng rng(8);
  const std::vector<Point> corners{{-.7f, -.9f}, {-.2f, -.9f}, {-.2f, .4f}, {.7f, .4f}, {.7f, .9f}, {-.7f, .9f}};
  const auto ell = sseg::polygon(corners[0], corners[1], corners[2], corners[3], corners[4], corners[5]);
  for (int k = 0; k < 2000; ++k) {
    const Point p{rng.uniform(-1.5f, 1.5f), rng.uniform(-1.5f, 1.5f)};
    const double d = reference(p, corners);
    if (std::abs(d) > 1e-4) REQUIRE(static_cast<double>(ell.distance(p)) == Approx(d).margin(1e-5));
  }
}

}  // namespace polygon_test

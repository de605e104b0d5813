#include "sseg/augment/affine_map.hpp"

#include <utility>

#include "support/catch.hpp"

namespace affine_map_test {

using sseg::AffineMap;

namespace {

/// Where the pixel in column x and row y comes from.
std::pair<float, float> source(const AffineMap& m, float x, float y) {
  const float u = x - m.centre_x, v = y - m.centre_y;
  return {m.xx * u + m.xy * v + m.x0, m.yx * u + m.yy * v + m.y0};
}

void check_source(const AffineMap& m, float x, float y, float from_x, float from_y) {
  const auto [sx, sy] = source(m, x, y);
  CHECK(sx == Approx(from_x).margin(1e-5));
  CHECK(sy == Approx(from_y).margin(1e-5));
}

}  // namespace

TEST_CASE("an affine map turns, shears, scales and shifts about the picture's centre") {
  const sseg::Shape picture{7, 11, 1};  // its centre is (5, 3)
  check_source(AffineMap::about_centre(picture, 0, 1, 1, 0, 0, 0), 8, 1, 8, 1);
  check_source(AffineMap::about_centre(picture, 90, 1, 1, 0, 0, 0), 8, 3, 5, 6);
  check_source(AffineMap::about_centre(picture, 0, 2, 0.5f, 0, 0, 0), 8, 1, 11, 2);
  check_source(AffineMap::about_centre(picture, 0, 1, 1, 0.5f, 0, 0), 5, 5, 6, 5);
  check_source(AffineMap::about_centre(picture, 0, 1, 1, 0, 1.5f, -2), 8, 1, 9.5f, -1);
  // In the order of the formula: scaled to (6, 1), sheared to (6.5, 1), turned to (-1, 6.5), shifted.
  check_source(AffineMap::about_centre(picture, 90, 2, 0.5f, 0.5f, 1, 0), 8, 5, 5, 9.5f);
}

TEST_CASE("an affine map without values is the identity with its centre in the first pixel") {
  check_source(AffineMap{}, 4, 2, 4, 2);
}

}  // namespace affine_map_test

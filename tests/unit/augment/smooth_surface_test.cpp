#include "sseg/augment/smooth_surface.hpp"

#include <cmath>
#include <vector>

#include "support/catch.hpp"

namespace smooth_surface_test {

using sseg::Index;
using sseg::Rng;
using sseg::SmoothSurface;

namespace {

std::vector<float> row(const SmoothSurface& surface, float t, const std::vector<float>& positions) {
  SmoothSurface::Columns columns;
  columns.set(static_cast<Index>(positions.size()), [&](Index j) { return positions[sseg::to_size(j)]; });
  std::vector<float> out(positions.size(), -99.f);
  surface.row(t, columns, out.data());
  return out;
}

/// The cubic B-spline's bump, from its two polynomials.
double bump(double d) {
  d = std::abs(d);
  if (d >= 2) return 0;
  return d >= 1 ? (2 - d) * (2 - d) * (2 - d) / 6 : (4 - 6 * d * d + 3 * d * d * d) / 6;
}

}  // namespace

TEST_CASE("a surface is the sum of bumps round its control points") {
  Rng rng(5), same(5);
  const SmoothSurface surface(rng);
  double control[7][7];
  for (auto& line : control)
    for (double& v : line) v = static_cast<double>(same.normal());
  const std::vector<float> positions{-0.1f, 0, 0.3f, 0.99f, 1, 1.5f, 2.25f, 2.9f, 3, 3.7f, 4};
  for (const float t : {0.f, 0.6f, 1.f, 2.4f, 3.99f, 4.f}) {
    const std::vector<float> got = row(surface, t, positions);
    for (std::size_t k = 1; k < positions.size(); ++k) {  // the first lies outside: a continued polynomial, not a sum
      double expected = 0;
      for (int i = 0; i < 7; ++i)
        for (int j = 0; j < 7; ++j)
          expected += control[i][j] * bump(static_cast<double>(t) - (i - 1)) *
                      bump(static_cast<double>(positions[k]) - (j - 1));
      CHECK(static_cast<double>(got[k]) == Approx(expected).margin(1e-5));
    }
    CHECK(std::abs(got[0] - got[1]) < 0.5f);
  }
}

TEST_CASE("positions may leave cells out") {
  Rng rng(6);
  const SmoothSurface surface(rng);
  const std::vector<float> all = row(surface, 1.2f, {0.5f, 1.5f, 2.5f, 3.5f});
  CHECK(row(surface, 1.2f, {2.5f}) == std::vector<float>{all[2]});
  CHECK(row(surface, 1.2f, {0.5f, 3.5f}) == std::vector<float>{all[0], all[3]});
  CHECK(row(surface, 1.2f, {1.5f, 1.5f, 2.5f}) == std::vector<float>{all[1], all[1], all[2]});
}

TEST_CASE("a surface without draws is flat") {
  CHECK(row(SmoothSurface{}, 2.f, {0.5f, 3.f}) == std::vector<float>{0.f, 0.f});
}

}  // namespace smooth_surface_test

#include "sseg/fewshot/principal_axes.hpp"

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace principal_axes_test {

using sseg::Features;
using sseg::Index;
using sseg::principal_axes;

namespace {

Features features(Index dim, const std::vector<float>& values) {
  Features f{dim, sseg::Buffer<float>(static_cast<Index>(values.size()))};
  std::copy(values.begin(), values.end(), f.rows.data());
  return f;
}

}  // namespace

TEST_CASE("the axes of a plane have the closed form of a 2 by 2 matrix") {
  const Features f = features(2, {3, 1, -1, 2, 0, -4, 5, 5, -7, -4});
  // Means 0, 0: a, b, c are sums of squares and products over n − 1.
  const double a = 84 / 4., b = 54 / 4., c = 62 / 4.;
  const double middle = (a + c) / 2, radius = std::hypot((a - c) / 2, b);
  const auto axes = principal_axes(f);
  CHECK(axes.variance[0] == Approx(middle + radius).epsilon(1e-10));
  CHECK(axes.variance[1] == Approx(middle - radius).epsilon(1e-10));
  CHECK(axes.total == Approx(a + c));
  CHECK(axes.share(0) + axes.share(1) == Approx(1));
  const double angle = std::atan2(2 * b, a - c) / 2;  // of the first axis; both entries are positive
  for (Index r = 0; r < 5; ++r) {
    const double x = static_cast<double>(f.rows[2 * r]), y = static_cast<double>(f.rows[2 * r + 1]);
    CHECK(axes.at(r, 0) == Approx(x * std::cos(angle) + y * std::sin(angle)).margin(1e-6));
    CHECK(std::abs(axes.at(r, 1)) == Approx(std::abs(-x * std::sin(angle) + y * std::cos(angle))).margin(1e-6));
  }
}

TEST_CASE("axes beyond the rank are 0, and the same bits come twice") {
  const Features line = features(3, {1, 2, 3, 2, 4, 6, 4, 8, 12});
  const auto axes = principal_axes(line, 3);
  CHECK(axes.variance[0] == Approx(axes.total));
  CHECK(axes.variance[1] == Approx(0).margin(1e-9));
  CHECK(axes.variance[2] == Approx(0).margin(1e-9));
  CHECK(axes.place == principal_axes(line, 3).place);
  const auto one = principal_axes(features(2, {7, 7}));
  CHECK((one.place == std::vector<double>{0, 0} && one.share(0) == 0));
  const auto same = principal_axes(features(2, {1, 1, 1, 1}));
  CHECK(same.place == std::vector<double>(4, 0.));
}

TEST_CASE("without rows there are no axes") {
  CHECK_THAT(sseg_test::message_of([] { return principal_axes(Features{}); }),
             sseg_test::Contains("there is nothing to find axes of"));
  CHECK_THAT(sseg_test::message_of([] { return principal_axes(features(1, {1}), 0); }),
             sseg_test::Contains("one axis or more"));
}

}  // namespace principal_axes_test

#include "sseg/fewshot/metrics.hpp"

#include <vector>

#include "support/catch.hpp"

namespace metrics_test {

TEST_CASE("mean and confidence interval of numbers worked by hand") {
  // Deviations -0.3, -0.1, 0.1, 0.3: sum of squares 0.2, s² = 0.2/3, s/√4 = √(0.2/12).
  const auto four = sseg::mean_ci95(std::vector<double>{0.2, 0.4, 0.6, 0.8});
  CHECK(four.mean == Approx(0.5));
  CHECK(four.half_width == Approx(1.96 * 0.1290994449));
  CHECK(four.count == 4);
  const auto two = sseg::mean_ci95(std::vector<double>{0, 1});
  CHECK(two.mean == Approx(0.5));
  CHECK(two.half_width == Approx(0.98));
}

TEST_CASE("equal values, one value and no value have no interval") {
  const auto equal = sseg::mean_ci95(std::vector<double>(600, 0.25));
  CHECK(equal.mean == 0.25);
  CHECK(equal.half_width == 0);
  const auto one = sseg::mean_ci95(std::vector<double>{0.7});
  CHECK(one.mean == 0.7);
  CHECK(one.half_width == 0);
  CHECK(one.count == 1);
  CHECK(sseg::mean_ci95({}).count == 0);
  CHECK(sseg::mean_ci95({}).mean == 0);
}

}  // namespace metrics_test

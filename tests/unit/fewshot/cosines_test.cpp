#include "sseg/fewshot/cosines.hpp"

#include <cmath>
#include <vector>

#include "support/catch.hpp"

namespace cosines_test {

using sseg::Index;

TEST_CASE("cosines by hand, whatever the lengths, and zeros are like nothing") {
  const std::vector<float> support{3, 0, 1, 1, 0, 0}, query{0, 5, -2, 2};
  const std::vector<Index> label{0, 1, 2};
  const auto c = sseg::cosines({{support.data(), {3, 2}}, label, 3, {query.data(), {2, 2}}});
  const float half = std::sqrt(0.5f);
  const std::vector<float> expected{0, half, 0, -half, 0, 0};
  REQUIRE(c.size() == expected.size());
  for (std::size_t i = 0; i < c.size(); ++i) CHECK(std::abs(c[i] - expected[i]) < 1e-6f);
  const auto unit = sseg::unit_rows({query.data(), {2, 2}});
  CHECK(unit[1] == 1);
  CHECK(std::abs(unit[2] + half) < 1e-6f);
}

}  // namespace cosines_test

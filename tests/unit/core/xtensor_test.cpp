#include "sseg/core/xtensor.hpp"

#include <array>
#include <numeric>
#include <xtensor/xmath.hpp>
#include <xtensor/xview.hpp>

#include "support/catch.hpp"

namespace xtensor_test {

using sseg::View;

TEST_CASE("as_xtensor sees the view's memory, shape and order, without a copy") {
  std::array<float, 24> data{};
  std::iota(data.begin(), data.end(), 0.f);
  auto x = sseg::as_xtensor(View<float>{data.data(), {2, 3, 4}});
  REQUIRE(x.dimension() == 3);
  CHECK(x.shape(1) == 3);
  CHECK(x(1, 2, 3) == 23.f);
  CHECK(xt::sum(x)() == Approx(276));
  x(0, 1, 2) = -1;
  CHECK(data[6] == -1.f);
  const auto reading = sseg::as_xtensor(View<const float>{data.data(), {4, 6}});
  CHECK(reading(1, 0) == -1.f);
}

}  // namespace xtensor_test

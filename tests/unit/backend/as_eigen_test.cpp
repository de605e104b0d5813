#include <array>
#include <numeric>

#include "sseg/backend/cpu/eigen.hpp"
#include "support/catch.hpp"

namespace as_eigen_test {

using sseg::View;

TEST_CASE("as_eigen sees the view's memory as a row-major matrix, without a copy") {
  std::array<double, 12> data{};
  std::iota(data.begin(), data.end(), 0.);
  auto m = sseg::as_eigen(View<double>{data.data(), {3, 4}});
  CHECK(m.rows() == 3);
  CHECK(m(2, 1) == 9);
  m(0, 1) = -5;
  CHECK(data[1] == -5);
  const auto images = sseg::as_eigen(View<const double>{data.data(), {3, 2, 2}});
  CHECK(images.cols() == 4);
  CHECK(images(1, 3) == 7);
  const auto row = sseg::as_eigen(View<const double>{data.data(), {12}});
  CHECK((row.rows() == 1 && row.cols() == 12));
  CHECK(row.sum() == Approx(60));
  CHECK_THROWS_AS(sseg::as_eigen(View<double>{data.data(), {}}), sseg::Error);
}

}  // namespace as_eigen_test

#include "sseg/fewshot/features.hpp"

#include <vector>

#include "support/catch.hpp"

namespace features_test {

using sseg::Features;
using sseg::Index;

namespace {

Features three_rows() {
  Features f{2, sseg::Buffer<float>(6)};
  const float values[] = {1, 2, 3, 5, -1, 8};
  std::copy(std::begin(values), std::end(values), f.rows.begin());
  return f;
}

}  // namespace

TEST_CASE("features are rows") {
  const Features f = three_rows();
  CHECK(f.size() == 3);
  CHECK(f.view().shape == sseg::Shape{3, 2});
  CHECK(f.row(2).shape == sseg::Shape{2});
  CHECK(f.row(2).data[1] == 8);
  CHECK(f.mean() == std::vector<float>{1, 5});
}

TEST_CASE("no features") {
  CHECK(Features{}.size() == 0);
  CHECK(Features{}.mean().empty());
  CHECK(Features{3, {}}.mean() == std::vector<float>(3));
}

TEST_CASE("rows are gathered in the order asked for") {
  sseg::Buffer<float> out;
  three_rows().gather({2, 0, 2}, out);
  CHECK(std::vector<float>(out.begin(), out.begin() + 6) == std::vector<float>{-1, 8, 1, 2, -1, 8});
  three_rows().gather({1}, out);
  CHECK((out[0] == 3 && out[1] == 5));
}

TEST_CASE("the mean of many features is as exact as a double") {
  Features f{1, sseg::Buffer<float>(3000001)};
  for (Index i = 0; i < f.size(); ++i) f.rows[i] = i == 0 ? 1e8f : 1.f;
  CHECK(f.mean()[0] == Approx((1e8 + 3e6) / 3000001).epsilon(1e-6));
}

}  // namespace features_test

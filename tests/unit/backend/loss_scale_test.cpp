#include "sseg/backend/loss_scale.hpp"

#include "support/catch.hpp"

namespace loss_scale_test {

using namespace sseg;

TEST_CASE("A loss scale halves after an overflow, and doubles after as many good steps as it has patience") {
  LossScale scale({.first = 8, .least = 1, .most = 16, .patience = 3});
  const auto after = [&](bool finite) {
    scale.observe(finite);
    return scale.value();
  };
  CHECK(after(false) == 4);
  CHECK(after(true) == 4);
  CHECK(after(true) == 4);
  CHECK(after(false) == 2);  // the two do not count any more
  CHECK(after(true) == 2);
  CHECK(after(true) == 2);
  CHECK(after(true) == 4);
  CHECK(scale.skipped() == 2);
}

TEST_CASE("A loss scale stays between its bounds") {
  LossScale scale({.first = 4, .least = 2, .most = 8, .patience = 1});
  for (int i = 0; i < 3; ++i) scale.observe(true);
  CHECK(scale.value() == 8);
  for (int i = 0; i < 5; ++i) scale.observe(false);
  CHECK(scale.value() == 2);
}

TEST_CASE("A loss scale is a power of two, and its numbers must make sense") {
  using Config = LossScaleConfig;
  for (const Config& c : {Config{.first = 3}, Config{.first = 0}, Config{.first = -2}, Config{.first = 1, .least = 2},
                          Config{.first = 8, .most = 4}, Config{.patience = 0}, Config{.most = INFINITY}})
    CHECK_THROWS_WITH(LossScale(c), Catch::Matchers::Contains("powers of two, least <= first <= most"));
  CHECK(LossScale().value() == 65536);
}

}  // namespace loss_scale_test

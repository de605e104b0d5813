#include "sseg/augment/shift_hue.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/augment/hsv.hpp"

namespace shift_hue_test {

using sseg_test::hue_turned;

namespace {

using Colour = std::array<float, 3>;

double error_of(const Colour& colour, float turn) {
  Colour got = colour;
  sseg::shift_hue(got.data(), turn);
  const auto expected = hue_turned({colour[0], colour[1], colour[2]}, static_cast<double>(turn));
  double most = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK((got[c] >= 0 && got[c] <= std::max({colour[0], colour[1], colour[2]})));
    most = std::max(most, std::abs(static_cast<double>(got[c]) - expected[c]));
  }
  return most;
}

}  // namespace

TEST_CASE("turning the hue is RGB to HSV, a turn, and back") {
  sseg::Rng rng(1);
  for (int i = 0; i < 20000; ++i) {
    const Colour colour{rng.uniform(), rng.uniform(), rng.uniform()};
    REQUIRE(error_of(colour, rng.uniform(-1, 1)) < 2e-6);
  }
}

TEST_CASE("hue on the edges of its sectors, of gray, black and white, and by whole turns") {
  for (const float r : {0.f, 0.25f, 1.f})
    for (const float g : {0.f, 0.25f, 1.f})
      for (const float b : {0.f, 0.25f, 1.f})
        for (int sixths = -12; sixths <= 12; ++sixths)
          CHECK(error_of({r, g, b}, static_cast<float>(sixths) / 12) < 2e-6);
  Colour red{1, 0, 0};
  sseg::shift_hue(red.data(), 1.f / 3);
  CHECK((red[0] == Approx(0).margin(1e-6) && red[1] == 1 && red[2] == Approx(0).margin(1e-6)));
  Colour gray{0.3f, 0.3f, 0.3f};
  sseg::shift_hue(gray.data(), 0.2f);
  CHECK(gray == Colour{0.3f, 0.3f, 0.3f});
}

}  // namespace shift_hue_test

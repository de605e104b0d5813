#include "sseg/augment/brightness.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"

namespace brightness_test {

using sseg::Brightness;
using sseg_test::augmented;
using sseg_test::Picture;
using sseg_test::random_picture;

TEST_CASE("no change of brightness is no change") {
  const Picture in = random_picture({5, 7, 3}, 1);
  CHECK(augmented(Brightness{.contrast = 0, .brightness = 0}, in, 9) == in);
}

TEST_CASE("brightness is one affine map for the whole image, within its limits") {
  float darkest = 1, brightest = 0, flattest = 2, steepest = 0;
  Picture in({3, 4, 2});
  for (std::size_t i = 0; i < in.value.size(); ++i) in.value[i] = 0.4f + 0.01f * static_cast<float>(i);
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Picture out = augmented(Brightness{.contrast = 0.3f, .brightness = 0.1f}, in, seed);
    const float a = (out.value[20] - out.value[0]) / (in.value[20] - in.value[0]);
    const float b = out.value[0] - a * in.value[0];
    REQUIRE((a > 0.7f - 1e-4f && a < 1.3f + 1e-4f && b > -0.1f - 1e-4f && b < 0.1f + 1e-4f));
    for (std::size_t i = 0; i < in.value.size(); ++i) REQUIRE(out.value[i] == Approx(a * in.value[i] + b).margin(1e-5));
    darkest = std::min(darkest, b), brightest = std::max(brightest, b);
    flattest = std::min(flattest, a), steepest = std::max(steepest, a);
  }
  CHECK((darkest < -0.08f && brightest > 0.08f && flattest < 0.75f && steepest > 1.25f));
}

TEST_CASE("values stay between 0 and 1, and the same stream gives the same picture") {
  const Picture in = random_picture({16, 16, 1}, 2);
  const Brightness strong{.contrast = 0.9f, .brightness = 0.9f};
  bool clamped = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Picture out = augmented(strong, in, seed);
    for (const float v : out.value) REQUIRE((v >= 0 && v <= 1));
    clamped |= std::count(out.value.begin(), out.value.end(), 1.f) > 0;
    REQUIRE(out == augmented(strong, in, seed));
  }
  CHECK(clamped);
}

}  // namespace brightness_test

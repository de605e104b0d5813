#include <array>
#include <cmath>
#include <numbers>

#include "reference/augment_reference.hpp"
#include "sseg/augment/color_jitter.hpp"
#include "sseg/augment/gaussian_blur.hpp"
#include "sseg/augment/grayscale.hpp"
#include "sseg/augment/quarter_turn.hpp"
#include "sseg/augment/random_geometry.hpp"
#include "sseg/augment/solarize.hpp"
#include "sseg/augment/standardize.hpp"
#include "sseg/augment/stroke_width.hpp"
#include "sseg/augment/warp.hpp"
#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"

namespace reference_test {

using namespace sseg;
using sseg_test::augmented;
using sseg_test::Picture;
namespace expected = augment_reference;

namespace {

constexpr Index height = 12, width = 10;
/// The table has five decimals; the rest is rounding of floats. PIL and torchvision compute in float here.
constexpr double rounding = 2e-5;

Picture picture() {
  Picture p({height, width, 3});
  for (Index y = 0; y < height; ++y)
    for (Index x = 0; x < width; ++x)
      for (Index c = 0; c < 3; ++c)
        p.value[to_size((y * width + x) * 3 + c)] =
            static_cast<float>((40 * c + 17 * y + 23 * x + y * x * (c + 1)) % 256) / 255.f;
  return p;
}

Picture first_channel() {
  Picture p({height, width, 1});
  for (std::size_t i = 0; i < p.value.size(); ++i) p.value[i] = picture().value[3 * i];
  return p;
}

/// Two zeros all round.
Picture framed() {
  Picture p = first_channel();
  for (Index y = 0; y < height; ++y)
    for (Index x = 0; x < width; ++x)
      if (y < 2 || x < 2 || y >= height - 2 || x >= width - 2) p.value[to_size(y * width + x)] = 0;
  return p;
}

template <std::size_t N>
double difference(const Picture& got, const std::array<int, N>& table) {
  REQUIRE(got.value.size() == N);
  double most = 0;
  for (std::size_t i = 0; i < N; ++i)
    most = std::max(most, std::abs(static_cast<double>(got.value[i]) - table[i] * 1e-5));
  return most;
}

Picture cropped(const Window& window, Index side) {
  Picture out({side, side, 3});
  resize_crop(picture().view(), window, out.view(), ResizeFilter::triangle);
  return out;
}

Picture warped(const AffineMap& map) {
  Picture out({height, width, 1});
  Warp::Map whole;
  whole.affine = map;
  Warp::apply(whole, framed().view(), out.view());
  return out;
}

AffineMap about_centre(float degrees, float scale_x, float scale_y, float shear, float shift_x, float shift_y) {
  return AffineMap::about_centre({height, width, 1}, degrees, scale_x, scale_y, shear, shift_x, shift_y);
}

Picture changed(void (*change)(View<float>, float), float amount) {
  Picture p = picture();
  change(p.view(), amount);
  return p;
}

Picture widened(float pixels) {
  Picture out({height, width, 1});
  StrokeWidth::widen(first_channel().view(), pixels, out.view());
  return out;
}

}  // namespace

TEST_CASE("crops are those of PIL, antialiased and enlarged") {
  CHECK(difference(cropped({1.3, 0.7, 9.5, 8.25}, 4), expected::crop_shrunk) < rounding);
  CHECK(difference(cropped({2.25, 3.5, 4.5, 3.75}, 6), expected::crop_grown) < rounding);
}

TEST_CASE("affine maps are those of PIL and torchvision") {
  // PIL steps from pixel to pixel in float: places differ by a little more than rounding.
  CHECK(difference(warped(about_centre(20, 1.2f, 0.85f, 0.3f, 0.6f, -0.4f)), expected::warp) < 1e-4);
  // torchvision says where pixels go, we where they come from: everything inverted.
  CHECK(difference(warped(about_centre(-25, 1, 1, 0, 0, 0)), expected::rotated_25) < 1e-4);
  CHECK(difference(warped(about_centre(0, 1 / 1.3f, 1 / 1.3f, 0, -1 / 1.3f, 2 / 1.3f)),
                   expected::scaled_1_3_moved_1_m2) < 1e-4);
  const float shear = std::tan(15 * std::numbers::pi_v<float> / 180);
  CHECK(difference(warped(about_centre(0, 1, 1, shear, 0, 0)), expected::sheared_15) < 1e-4);
}

TEST_CASE("window, mirror and affine map in one resampling are PIL's with the composed matrix") {
  RandomGeometry::Map map{{1.5, 1.25, 7.5, 6.5}, {.left_right = true}, Warp::Map{}};
  map.warp->affine = about_centre(20, 1.2f, 0.85f, 0.3f, 0.6f, -0.4f);
  Picture out({9, 8, 1});
  RandomGeometry::apply(map, false, framed().view(), out.view());
  CHECK(difference(out, expected::geometry) < 1e-4);
}

TEST_CASE("changes of colour are those of torchvision") {
  CHECK(difference(changed(ColorJitter::brighten, 1.3f), expected::brightness_1_3) < rounding);
  // torchvision's luma has four decimals: 0.2989 R.
  CHECK(difference(changed(ColorJitter::spread_round_mean, 0.6f), expected::contrast_0_6) < 2e-4);
  CHECK(difference(changed(ColorJitter::spread_round_mean, 1.7f), expected::contrast_1_7) < 2e-4);
  CHECK(difference(changed(ColorJitter::saturate, 0.4f), expected::saturation_0_4) < 2e-4);
  CHECK(difference(changed(ColorJitter::saturate, 1.8f), expected::saturation_1_8) < 2e-4);
  CHECK(difference(changed(ColorJitter::turn_hue, 0.13f), expected::hue_0_13) < rounding);
  CHECK(difference(changed(ColorJitter::turn_hue, -0.4f), expected::hue_m0_4) < rounding);
  const Picture gray = augmented(Grayscale{.probability = 1}, picture(), 1);
  Picture one({height, width, 1});
  for (std::size_t i = 0; i < one.value.size(); ++i) one.value[i] = gray.value[3 * i];
  CHECK(difference(one, expected::gray) < 2e-4);
}

TEST_CASE("blur and solarization are those of torchvision, thick and thin strokes those of PIL") {
  const GaussianBlur blur{.sigma_min = 1.1f, .sigma_max = 1.1f, .probability = 1};
  CHECK(difference(augmented(blur, picture(), 1), expected::blur_1_1) < rounding);
  CHECK(difference(augmented(Solarize{.threshold = 0.5f, .probability = 1}, picture(), 1), expected::solarized_0_5) <
        rounding);
  CHECK(difference(widened(1), expected::dilated_1) < rounding);
  CHECK(difference(widened(2), expected::dilated_2) < rounding);
  CHECK(difference(widened(-1), expected::eroded_1) < rounding);
}

TEST_CASE("a quarter turn is numpy's and standardizing torchvision's") {
  Picture square({10, 10, 3}), turned({10, 10, 3});
  std::copy_n(picture().value.begin(), square.value.size(), square.value.begin());
  quarter_turn(square.view(), turned.view(), 1);
  CHECK(difference(turned, expected::turned_1) < rounding);
  CHECK(difference(augmented(Standardize::cifar_fs(), picture(), 1), expected::standardized) < rounding);
}

}  // namespace reference_test

#include "sseg/augment/gaussian_blur.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace gaussian_blur_test {

using sseg::GaussianBlur;
using sseg::Rng;
using sseg::Shape;
using sseg_test::augmented;
using sseg_test::Contains;
using sseg_test::Index;
using sseg_test::message_of;
using sseg_test::Picture;
using sseg_test::random_picture;

namespace {

/// One pixel by direct two-dimensional convolution in double.
double blurred(const Picture& p, double sigma, Index y, Index x, Index c) {
  const auto radius = static_cast<Index>(std::ceil(3 * sigma));
  double sum = 0, total = 0;
  for (Index dy = -radius; dy <= radius; ++dy)
    for (Index dx = -radius; dx <= radius; ++dx) {
      const double w = std::exp(-static_cast<double>(dy * dy + dx * dx) / (2 * sigma * sigma));
      const Index i = std::clamp<Index>(y + dy, 0, p.shape[0] - 1), j = std::clamp<Index>(x + dx, 0, p.shape[1] - 1);
      sum += w * static_cast<double>(p.at(i, j, c)), total += w;
    }
  return sum / total;
}

double largest_error(const Picture& in, const Picture& out, double sigma) {
  double most = 0;
  for (Index y = 0; y < in.shape[0]; ++y)
    for (Index x = 0; x < in.shape[1]; ++x)
      for (Index c = 0; c < in.shape[2]; ++c)
        most = std::max(most, std::abs(static_cast<double>(out.at(y, x, c)) - blurred(in, sigma, y, x, c)));
  return most;
}

}  // namespace

TEST_CASE("a blur is the direct convolution with the border held") {
  for (const Shape shape : {Shape{17, 13, 3}, Shape{9, 20, 1}, Shape{5, 4, 2}, Shape{1, 1, 3}, Shape{1, 7, 1}}) {
    const Picture in = random_picture(shape, 1);
    for (const float sigma : {0.1f, 0.4f, 1.f, 1.7f, 2.f, 5.f}) {
      INFO(sseg::to_string(shape) << " sigma " << sigma);
      const Picture out = augmented(GaussianBlur{sigma, sigma, 1}, in, 3);
      CHECK(largest_error(in, out, static_cast<double>(sigma)) < 2e-6);
    }
  }
}

TEST_CASE("sigma is drawn between its limits") {
  Picture dot({31, 31, 1});
  dot.value[15 * 31 + 15] = 1;
  double least = 9, most = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Picture out = augmented(GaussianBlur{0.8f, 2.f, 1}, dot, seed);
    double variance = 0;
    for (Index y = 0; y < 31; ++y)
      for (Index x = 0; x < 31; ++x)
        variance += static_cast<double>(out.at(y, x)) * static_cast<double>((y - 15) * (y - 15));
    least = std::min(least, std::sqrt(variance)), most = std::max(most, std::sqrt(variance));
  }
  CHECK(least == Approx(0.8).margin(0.05));
  CHECK(most == Approx(2).margin(0.06));
}

TEST_CASE("a sigma of 0 leaves the picture, and blurring happens with its probability") {
  const Picture in = random_picture({9, 9, 3}, 2);
  CHECK(augmented(GaussianBlur{0, 0, 1}, in, 1) == in);
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) changed += augmented(GaussianBlur{1, 2, 0.3f}, in, seed) != in;
  CHECK(changed / 2000.0 == Approx(0.3).margin(0.04));
}

TEST_CASE("blurring a flat picture leaves it flat and in range") {
  for (const float level : {0.f, 0.37f, 1.f})
    for (std::uint64_t seed = 0; seed < 20; ++seed)
      for (const float v : augmented(GaussianBlur{0.1f, 4, 1}, Picture({8, 6, 3}, level), seed).value)
        REQUIRE(v == Approx(level).margin(1e-6));
}

TEST_CASE("after the first blur, whatever its sigma, blurs of that size allocate nothing") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  const GaussianBlur blur{0.1f, 8, 1};
  const Picture in = random_picture({2, 4000, 1}, 1);
  Picture out(in.shape);
  const auto sigma_of = [](std::uint64_t seed) {
    Rng rng(seed);
    rng.chance(1);
    return rng.uniform(0.1f, 8);
  };
  std::uint64_t narrow = 0, wide = 0;
  while (sigma_of(narrow) > 0.5f) ++narrow;
  while (sigma_of(wide) < 7.5f) ++wide;
  Rng first(narrow), second(wide);
  blur(first, in.view(), out.view());
  const long before = malloc_count();
  blur(second, in.view(), out.view());
  CHECK(malloc_count() == before);
}

TEST_CASE("a sigma out of range is refused") {
  const Picture in({2, 2, 1});
  for (const GaussianBlur& wrong : {GaussianBlur{-1, 2}, GaussianBlur{2, 1}, GaussianBlur{1, 33},
                                    GaussianBlur{1, std::numeric_limits<float>::quiet_NaN()}})
    CHECK_THAT(message_of([&] { augmented(wrong, in, 1); }), Contains("sigma out of range"));
  CHECK(message_of([&] { augmented(GaussianBlur{32, 32, 1}, in, 1); }).empty());
}

}  // namespace gaussian_blur_test

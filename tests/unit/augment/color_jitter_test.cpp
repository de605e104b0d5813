#include "sseg/augment/color_jitter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "unit/augment/hsv.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace color_jitter_test {

using sseg::ColorJitter;
using sseg::Rng;
using sseg::Shape;
using sseg_test::augmented;
using sseg_test::Contains;
using sseg_test::Index;
using sseg_test::message_of;
using sseg_test::Picture;
using sseg_test::random_picture;

namespace {

using Pixels = std::vector<double>;

double held(double v) { return std::clamp(v, 0.0, 1.0); }

double gray(const Pixels& x, std::size_t pixel, std::size_t channels) {
  if (channels == 3) return 0.299 * x[3 * pixel] + 0.587 * x[3 * pixel + 1] + 0.114 * x[3 * pixel + 2];
  double sum = 0;
  for (std::size_t c = 0; c < channels; ++c) sum += x[pixel * channels + c];
  return sum / static_cast<double>(channels);
}

/// One change (0 brightness, 1 contrast, 2 saturation, 3 hue) in double.
void change(Pixels& x, std::size_t channels, int kind, double amount) {
  const std::size_t pixels = x.size() / channels;
  double mean = 0;
  for (std::size_t i = 0; i < pixels; ++i) mean += gray(x, i, channels) / static_cast<double>(pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    const double own = gray(x, i, channels);
    double* p = x.data() + i * channels;
    for (std::size_t c = 0; c < channels; ++c) {
      if (kind == 0) p[c] = held(amount * p[c]);
      if (kind == 1) p[c] = held(mean + amount * (p[c] - mean));
      if (kind == 2 && channels == 3) p[c] = held(own + amount * (p[c] - own));
    }
    if (kind == 3 && channels == 3) {
      const auto turned = sseg_test::hue_turned({p[0], p[1], p[2]}, amount);
      std::copy(turned.begin(), turned.end(), p);
    }
  }
}

/// The same draws in the same order, everything else in double.
Pixels reference(const ColorJitter& jitter, const Picture& in, std::uint64_t seed) {
  Rng rng(seed);
  Pixels x(in.value.begin(), in.value.end());
  if (!rng.chance(jitter.probability)) return x;
  std::array<int, 4> order{0, 1, 2, 3};
  rng.shuffle(std::span<int>(order));
  std::array<double, 4> amount{};
  for (const auto& [kind, most] : {std::pair{0u, jitter.brightness}, {1u, jitter.contrast}, {2u, jitter.saturation}})
    amount[kind] = static_cast<double>(rng.uniform(std::max(0.f, 1 - most), 1 + most));
  amount[3] = static_cast<double>(rng.uniform(-jitter.hue, jitter.hue));
  for (const int kind : order) change(x, sseg::to_size(in.shape[2]), kind, amount[static_cast<std::size_t>(kind)]);
  return x;
}

double largest_difference(const Picture& got, const Pixels& expected) {
  double most = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(got.value[i]) - expected[i]));
  return most;
}

}  // namespace

TEST_CASE("colour jitter is its four changes in the drawn order") {
  for (const Shape shape : {Shape{9, 11, 3}, Shape{32, 32, 3}, Shape{7, 5, 1}, Shape{4, 6, 2}})
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      const Picture in = random_picture(shape, seed);
      for (const ColorJitter& jitter :
           {ColorJitter{},
            ColorJitter{.brightness = 2, .contrast = 3, .saturation = 4, .hue = 0.5f, .probability = 1}}) {
        const Picture out = augmented(jitter, in, seed);
        // Hue is sensitive where a colour is nearly gray, and saturation of 5 stretches what is there.
        REQUIRE(largest_difference(out, reference(jitter, in, seed)) < 1e-4);
        for (const float v : out.value) REQUIRE((v >= 0 && v <= 1));
      }
    }
}

TEST_CASE("each change alone does what its name says") {
  const Picture in = random_picture({8, 8, 3}, 1);
  const ColorJitter none{0, 0, 0, 0, 1};
  const auto alone = [&](float ColorJitter::*amount, float value, std::uint64_t seed) {
    ColorJitter jitter = none;
    jitter.*amount = value;
    return augmented(jitter, in, seed);
  };
  CHECK(largest_difference(augmented(none, in, 2), Pixels(in.value.begin(), in.value.end())) < 1e-6);
  float least = 9, most = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Picture out = alone(&ColorJitter::brightness, 0.4f, seed);
    const std::size_t dark = static_cast<std::size_t>(
        std::find_if(in.value.begin(), in.value.end(), [](float v) { return v > 0.3f && v < 0.6f; }) -
        in.value.begin());
    const float factor = out.value[dark] / in.value[dark];
    least = std::min(least, factor), most = std::max(most, factor);
    // Saturation and hue keep what they should.
    const Picture coloured = alone(&ColorJitter::saturation, 0.2f, seed), turned = alone(&ColorJitter::hue, 0.1f, seed);
    for (std::size_t i = 0; i < 64; ++i) {
      const auto value = [&](const Picture& p) {
        return std::max({p.value[3 * i], p.value[3 * i + 1], p.value[3 * i + 2]});
      };
      REQUIRE(value(turned) == Approx(value(in)).margin(1e-6));
      const Pixels before(in.value.begin(), in.value.end()), after(coloured.value.begin(), coloured.value.end());
      if (*std::max_element(&after[3 * i], &after[3 * i] + 3) < 1 &&
          *std::min_element(&after[3 * i], &after[3 * i] + 3) > 0)
        REQUIRE(gray(after, i, 3) == Approx(gray(before, i, 3)).margin(1e-5));
    }
  }
  CHECK((least > 0.599f && least < 0.62f && most < 1.401f && most > 1.38f));
}

TEST_CASE("the jitter happens with its probability") {
  const Picture in = random_picture({6, 6, 3}, 3);
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) changed += augmented(ColorJitter{}, in, seed) != in;
  CHECK(changed / 2000.0 == Approx(0.8).margin(0.04));
}

TEST_CASE("a picture of one channel keeps out of saturation and hue") {
  const Picture in = random_picture({10, 10, 1}, 5);
  for (std::uint64_t seed = 0; seed < 30; ++seed)
    CHECK(largest_difference(augmented(ColorJitter{0, 0, 5, 0.5f, 1}, in, seed),
                             Pixels(in.value.begin(), in.value.end())) < 1e-6);
}

TEST_CASE("amounts out of range are refused") {
  const Picture in({2, 2, 3});
  for (const ColorJitter& wrong :
       {ColorJitter{.brightness = -1}, ColorJitter{.contrast = -1}, ColorJitter{.saturation = -0.1f},
        ColorJitter{.hue = 0.6f}, ColorJitter{.hue = -0.1f},
        ColorJitter{.hue = std::numeric_limits<float>::quiet_NaN()}})
    CHECK_THAT(message_of([&] { augmented(wrong, in, 1); }), Contains("out of range") && Contains("ColorJitter"));
}

}  // namespace color_jitter_test

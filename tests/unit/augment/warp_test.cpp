#include "sseg/augment/warp.hpp"

#include <algorithm>
#include <cmath>

#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace warp_test {

using sseg::Warp;
using sseg_test::augmented;
using sseg_test::Index;
using sseg_test::Picture;
using sseg_test::random_picture;

namespace {

constexpr Warp none{.rotate = 0, .scale = 0, .shear = 0, .translate = 0, .elastic = 0};
constexpr Warp strong{.rotate = 40, .scale = 0.4f, .shear = 0.4f, .translate = 0.3f, .elastic = 0.1f};

double largest_difference(const Picture& a, const Picture& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.value.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a.value[i]) - static_cast<double>(b.value[i])));
  return most;
}

/// The value at column x (axis 1) or row y (axis 0): what a warp makes of it tells where each pixel came from.
Picture ramp(sseg::Shape s, int axis) {
  Picture p(s);
  for (Index y = 0; y < s[0]; ++y)
    for (Index x = 0; x < s[1]; ++x) p.value[sseg::to_size(y * s[1] + x)] = static_cast<float>(axis == 0 ? y : x);
  return p;
}

float bilinear(const Picture& p, float y, float x) {
  const auto i = static_cast<Index>(std::floor(y)), j = static_cast<Index>(std::floor(x));
  const float a = y - static_cast<float>(i), b = x - static_cast<float>(j);
  const auto value = [&](Index r, Index c) {
    return r < 0 || c < 0 || r >= p.shape[0] || c >= p.shape[1] ? 0.f : p.at(r, c);
  };
  return (1 - a) * ((1 - b) * value(i, j) + b * value(i, j + 1)) +
         a * ((1 - b) * value(i + 1, j) + b * value(i + 1, j + 1));
}

}  // namespace

TEST_CASE("a warp by nothing is the image") {
  for (const sseg::Shape s : {sseg::Shape{28, 28, 1}, sseg::Shape{17, 30, 3}, sseg::Shape{1, 1, 1}}) {
    const Picture in = random_picture(s, 1);
    for (const std::uint64_t seed : {1u, 2u, 3u}) CHECK(largest_difference(augmented(none, in, seed), in) < 1e-6);
  }
}

TEST_CASE("the same stream gives the same warp, another stream another") {
  const Picture in = random_picture({20, 24, 1}, 2);
  CHECK(augmented(strong, in, 5) == augmented(strong, in, 5));
  CHECK(largest_difference(augmented(strong, in, 5), augmented(strong, in, 6)) > 0.1);
}

TEST_CASE("a translation shifts the image by one vector within its limit, with zeros from outside") {
  Warp shift = none;
  shift.translate = 0.25f;
  const sseg::Shape s{24, 32, 1};
  const Picture noise = random_picture(s, 3);
  float widest_x = 0, widest_y = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    // The centre of the picture always comes from inside.
    const float dx = augmented(shift, ramp(s, 1), seed).at(12, 16) - 16;
    const float dy = augmented(shift, ramp(s, 0), seed).at(12, 16) - 12;
    REQUIRE((std::abs(dx) <= 8 && std::abs(dy) <= 6));
    widest_x = std::max(widest_x, std::abs(dx));
    widest_y = std::max(widest_y, std::abs(dy));
    const Picture out = augmented(shift, noise, seed);
    double most = 0;
    Index zeros = 0;
    for (Index y = 0; y < s[0]; ++y)
      for (Index x = 0; x < s[1]; ++x) {
        const float sy = static_cast<float>(y) + dy, sx = static_cast<float>(x) + dx;
        most = std::max(most, static_cast<double>(std::abs(out.at(y, x) - bilinear(noise, sy, sx))));
        if (sy <= -1 || sx <= -1 || sy >= 24 || sx >= 32) {
          ++zeros;
          REQUIRE(out.at(y, x) == 0);
        }
      }
    CHECK(most < 2e-5);
    CHECK((zeros > 0) == (std::abs(dx) >= 1 || std::abs(dy) >= 1));
  }
  CHECK(widest_x > 5);
  CHECK(widest_y > 3.5f);
}

TEST_CASE("an affine warp maps lines to lines and stays within its limits") {
  const sseg::Shape s{33, 33, 1};
  const auto source = [&](const Warp& w, std::uint64_t seed, Index y, Index x) {
    return std::pair{static_cast<double>(augmented(w, ramp(s, 1), seed).at(y, x)) - 16,
                     static_cast<double>(augmented(w, ramp(s, 0), seed).at(y, x)) - 16};
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Warp turn = none;
    turn.rotate = 30;
    const auto [x, y] = source(turn, seed, 16, 26);
    CHECK(std::hypot(x, y) == Approx(10).epsilon(1e-4));  // a rotation about the centre keeps the distance
    CHECK(std::abs(std::atan2(y, x)) <= 30.01 * 3.14159265 / 180);

    Warp zoom = none;
    zoom.scale = 0.3f;
    const auto [right, level] = source(zoom, seed, 16, 26);
    const auto [upright, down] = source(zoom, seed, 26, 16);
    CHECK((level == Approx(0).margin(1e-4) && upright == Approx(0).margin(1e-4)));
    for (const double factor : {right / 10, down / 10})
      CHECK((factor >= std::exp(-0.3001) && factor <= std::exp(0.3001)));

    Warp all = strong;
    all.elastic = 0;
    all.translate = 0;
    const auto [ax, ay] = source(all, seed, 16, 20);
    const auto [bx, by] = source(all, seed, 16, 12);
    CHECK(ax == Approx(-bx).margin(1e-3));
    CHECK(ay == Approx(-by).margin(1e-3));
  }
}

TEST_CASE("an elastic warp moves neighbours alike") {
  Warp elastic = none;
  elastic.elastic = 0.05f;
  const sseg::Shape s{40, 40, 1};
  double squares = 0, roughest = 0;
  int count = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Picture out = augmented(elastic, ramp(s, 1), seed);
    for (Index y = 12; y < 28; ++y)
      for (Index x = 12; x < 28; ++x) {
        const double moved = static_cast<double>(out.at(y, x)) - static_cast<double>(x);
        const double next = static_cast<double>(out.at(y, x + 1)) - static_cast<double>(x + 1);
        squares += moved * moved;
        roughest = std::max(roughest, std::abs(next - moved));
        ++count;
      }
  }
  // A standard deviation of 0.05·40 = 2 pixels for each control point; the surface averages over them.
  CHECK(std::sqrt(squares / count) > 0.5);
  CHECK(std::sqrt(squares / count) < 2.0);
  CHECK(roughest < 1.0);
}

TEST_CASE("every channel is warped alike") {
  const Picture in = random_picture({19, 22, 3}, 7);
  const Picture out = augmented(strong, in, 11);
  for (Index c = 0; c < 3; ++c) {
    Picture one({19, 22, 1});
    for (Index i = 0; i < 19 * 22; ++i) one.value[sseg::to_size(i)] = in.value[sseg::to_size(3 * i + c)];
    const Picture alone = augmented(strong, one, 11);
    for (Index i = 0; i < 19 * 22; ++i)
      REQUIRE(out.value[sseg::to_size(3 * i + c)] == Approx(alone.value[sseg::to_size(i)]).margin(1e-7));
  }
}

TEST_CASE("a warp invents no values") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Picture in = random_picture({16, 16, 2}, seed);
    for (float& v : in.value) v = 0.3f + 0.4f * v;
    const Picture out = augmented(strong, in, seed);
    const auto [low, high] = std::minmax_element(in.value.begin(), in.value.end());
    for (const float v : out.value) REQUIRE((v >= 0 && v <= *high * 1.00001f));
    // Where the picture comes from inside, the lower bound holds as well.
    REQUIRE(out.at(8, 8) >= *low * 0.99999f);
  }
}

TEST_CASE("a warp wants an image, and room of its shape") {
  const Picture in({4, 4, 1});
  Picture out({4, 5, 1});
  sseg::Rng rng(1);
  CHECK_THAT(sseg_test::message_of([&] { Warp{}(rng, in.view(), out.view()); }),
             sseg_test::Contains("keeps the shape"));
  CHECK_THAT(sseg_test::message_of([&] {
               Warp{}(rng, {in.value.data(), {4, 4}}, {out.value.data(), {4, 4}});
             }),
             sseg_test::Contains("(H, W, C)"));
}

}  // namespace warp_test

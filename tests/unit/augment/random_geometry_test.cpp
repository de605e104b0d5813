#include "sseg/augment/random_geometry.hpp"

#include <algorithm>
#include <cmath>

#include "sseg/augment/pipeline.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace random_geometry_test {

using sseg::Flip;
using sseg::RandomGeometry;
using sseg::RandomResizedCrop;
using sseg::Rng;
using sseg::Shape;
using sseg::Warp;
using sseg_test::augmented;
using sseg_test::Index;
using sseg_test::Picture;
using sseg_test::random_picture;

namespace {

constexpr Flip both{.horizontal = 0.5f, .vertical = 0.5f};
constexpr RandomResizedCrop whole{.side = 1, .scale_min = 1, .scale_max = 1, .ratio_min = 1, .ratio_max = 1};

/// Waves of 25 pixels and more: what two resamplings blur is little.
Picture waves(Shape s) {
  Picture p(s);
  for (Index y = 0; y < s[0]; ++y)
    for (Index x = 0; x < s[1]; ++x)
      for (Index c = 0; c < s[2]; ++c)
        p.value[sseg::to_size((y * s[1] + x) * s[2] + c)] =
            0.5f + 0.25f * std::sin(0.25f * static_cast<float>(x + c)) + 0.25f * std::cos(0.2f * static_cast<float>(y));
  return p;
}

/// The value of a cubic B-spline surface of a warp at one place, by its public row.
float surface(const sseg::SmoothSurface& s, double row, double column) {
  sseg::SmoothSurface::Columns one;
  one.set(1, [&](Index) { return static_cast<float>(column * sseg::SmoothSurface::cells); });
  float value = 0;
  s.row(static_cast<float>(row * sseg::SmoothSurface::cells), one, &value);
  return value;
}

/// The tent's average round (y, x) over the whole plane, with zeros or the border's values outside the picture.
double tent(const Picture& p, double y, double x, double reach_y, double reach_x, bool repeat_edge, Index c) {
  double sum = 0, total = 0;
  const auto first = [](double at, double reach) { return static_cast<Index>(std::floor(at - reach)); };
  for (Index i = first(y, reach_y); i <= first(y, -reach_y) + 1; ++i)
    for (Index j = first(x, reach_x); j <= first(x, -reach_x) + 1; ++j) {
      const double w = std::max(0.0, 1 - std::abs(static_cast<double>(i) - y) / reach_y) *
                       std::max(0.0, 1 - std::abs(static_cast<double>(j) - x) / reach_x);
      const bool inside = i >= 0 && j >= 0 && i < p.shape[0] && j < p.shape[1];
      const Index a = std::clamp<Index>(i, 0, p.shape[0] - 1), b = std::clamp<Index>(j, 0, p.shape[1] - 1);
      total += w;
      if (inside || repeat_edge) sum += w * static_cast<double>(p.at(a, b, c));
    }
  return sum / total;
}

/// The definition, pixel by pixel in double.
double expected(const RandomGeometry::Map& map, bool repeat_edge, const Picture& in, Shape out, Index i, Index j,
                Index c) {
  const sseg::AffineMap& a = map.warp->affine;
  const double down = map.window.height / static_cast<double>(out[0]),
               right = map.window.width / static_cast<double>(out[1]);
  const Index r = map.mirror.top_bottom ? out[0] - 1 - i : i, k = map.mirror.left_right ? out[1] - 1 - j : j;
  const double row = map.window.top + (static_cast<double>(r) + 0.5) * down - 0.5;
  const double column = map.window.left + (static_cast<double>(k) + 0.5) * right - 0.5;
  const double v = row - static_cast<double>(a.centre_y), u = column - static_cast<double>(a.centre_x);
  const double part_y = row / static_cast<double>(in.shape[0]), part_x = column / static_cast<double>(in.shape[1]);
  const auto d = [](float f) { return static_cast<double>(f); };
  const double x = d(a.xx) * u + d(a.xy) * v + d(a.x0) + d(map.warp->reach_x * surface(map.warp->dx, part_y, part_x));
  const double y = d(a.yx) * u + d(a.yy) * v + d(a.y0) + d(map.warp->reach_y * surface(map.warp->dy, part_y, part_x));
  return tent(in, y, x, std::clamp(std::hypot(d(a.yx) * right, d(a.yy) * down), 1.0, 8.0),
              std::clamp(std::hypot(d(a.xx) * right, d(a.xy) * down), 1.0, 8.0), repeat_edge, c);
}

}  // namespace

TEST_CASE("without a warp the geometry is the crop and the flip, bit for bit and draw for draw") {
  for (const Shape s : {Shape{32, 32, 3}, Shape{20, 31, 1}, Shape{9, 12, 2}})
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const RandomResizedCrop crop{.side = 17, .scale_min = 0.2f};
      const Picture in = random_picture(s, seed);
      Picture one({17, 17, s[2]}), two({17, 17, s[2]});
      Rng a(seed), b(seed);
      RandomGeometry{.crop = crop, .flip = both, .warp_probability = 0}(a, in.view(), one.view());
      sseg::pipeline(crop, both)(b, in.view(), two.view());
      REQUIRE(one == two);
      REQUIRE(a.next_u32() == b.next_u32());
    }
}

TEST_CASE("every pixel is the tent's average where the composed map says") {
  const Warp strong{.rotate = 40, .scale = 0.4f, .shear = 0.4f, .translate = 0.2f, .elastic = 0.05f};
  for (const auto& [s, side] : {std::pair{Shape{24, 24, 1}, Index{24}}, std::pair{Shape{30, 21, 3}, Index{12}},
                                std::pair{Shape{11, 14, 2}, Index{20}}, std::pair{Shape{40, 40, 1}, Index{6}}})
    for (const bool repeat_edge : {false, true})
      for (std::uint64_t seed = 0; seed < 6; ++seed) {
        INFO(sseg::to_string(s) << " to " << side << ", stream " << seed);
        const RandomGeometry geometry{
            .crop = {.side = side, .scale_min = 0.3f}, .flip = both, .warp = strong, .repeat_edge = repeat_edge};
        const Picture in = random_picture(s, 3), out = augmented(geometry, in, seed);
        Rng rng(seed);
        const RandomGeometry::Map map = geometry.draw(rng, s);
        double most = 0;
        for (Index i = 0; i < side; ++i)
          for (Index j = 0; j < side; ++j)
            for (Index c = 0; c < s[2]; ++c)
              most = std::max(most, std::abs(static_cast<double>(out.at(i, j, c)) -
                                             expected(map, repeat_edge, in, out.shape, i, j, c)));
        CHECK(most < 1e-4);
      }
}

TEST_CASE("one resampling shows what warp, crop and flip show one after the other") {
  const Warp warp{.rotate = 20, .scale = 0.2f, .shear = 0.2f, .translate = 0.05f, .elastic = 0.05f};
  for (const auto& [s, side] : {std::pair{Shape{84, 84, 1}, Index{28}}, std::pair{Shape{48, 48, 3}, Index{48}}})
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const RandomGeometry geometry{.crop = {.side = side, .scale_min = 0.5f}, .flip = both, .warp = warp};
      const Picture in = waves(s), once = augmented(geometry, in, seed);
      Rng rng(seed);
      const RandomGeometry::Map map = geometry.draw(rng, s);
      Picture warped(s), cropped(once.shape), twice(once.shape);
      Warp::apply(*map.warp, in.view(), warped.view());
      sseg::resize_crop(warped.view(), map.window, cropped.view(), sseg::ResizeFilter::triangle);
      map.mirror.apply(cropped.view(), twice.view());
      double sum = 0, most = 0;
      for (std::size_t i = 0; i < once.value.size(); ++i) {
        const double d = std::abs(static_cast<double>(once.value[i]) - static_cast<double>(twice.value[i]));
        sum += d, most = std::max(most, d);
      }
      // The largest differences lie where the picture ends.
      CHECK(sum / static_cast<double>(once.value.size()) < 0.01);
      CHECK(most < 0.35);
    }
}

TEST_CASE("what is finer than the result's pixels is averaged, however the map turns") {
  Picture board({64, 64, 1});
  for (Index y = 0; y < 64; ++y)
    for (Index x = 0; x < 64; ++x) board.value[sseg::to_size(y * 64 + x)] = static_cast<float>((x + y) % 2);
  RandomGeometry geometry{.crop = whole, .flip = both, .repeat_edge = true};
  geometry.crop.side = 16;
  geometry.warp = {.rotate = 45, .scale = 0.1f, .shear = 0.1f, .translate = 0, .elastic = 0};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Picture out = augmented(geometry, board, seed);
    for (Index y = 4; y < 12; ++y)
      for (Index x = 4; x < 12; ++x) REQUIRE(out.at(y, x) == Approx(0.5).margin(0.03));
  }
}

TEST_CASE("a picture of one value keeps it with repeated edges, and loses it outside without") {
  const Picture gray({30, 30, 3}, 0.25f);
  const Warp far{.rotate = 90, .scale = 1, .shear = 1, .translate = 1, .elastic = 0.1f};
  bool faded = false;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    for (const float v :
         augmented(RandomGeometry{.crop = {.side = 20}, .warp = far, .repeat_edge = true}, gray, seed).value)
      REQUIRE(v == Approx(0.25f).epsilon(1e-5));
    for (const float v : augmented(RandomGeometry{.crop = {.side = 20}, .warp = far}, gray, seed).value) {
      REQUIRE((v >= 0 && v < 0.2500025f));
      faded = faded || v == 0;
    }
  }
  CHECK(faded);
}

TEST_CASE("the warp happens with its probability") {
  RandomGeometry geometry{.crop = whole, .flip = {0, 0}, .warp_probability = 0.25f};
  geometry.crop.side = 8;
  const Picture in = random_picture({8, 8, 1}, 2);
  int warped = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) warped += augmented(geometry, in, seed) != in;
  CHECK(warped / 3000.0 == Approx(0.25).margin(0.03));
}

TEST_CASE("maps that shrink and move without measure neither leave memory nor the range of values") {
  const Warp wild{.rotate = 180, .scale = 20, .shear = 50, .translate = 1000, .elastic = 100};
  const RandomGeometry geometry{.crop = {.side = 5, .scale_min = 0.01f}, .warp = wild};
  for (std::uint64_t seed = 0; seed < 200; ++seed)
    for (const float v : augmented(geometry, random_picture({13, 7, 3}, seed), seed).value)
      REQUIRE((v >= 0 && v <= 1.00001f));
}

TEST_CASE("geometry allocates nothing after its first picture of a size") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  const RandomGeometry geometry{.crop = {.side = 16}, .flip = both, .warp_probability = 0.5f};
  const RandomGeometry bounded{.crop = {.side = 16, .scale_min = 1, .ratio_min = 1, .ratio_max = 1},
                               .warp = {.scale = 3}};
  const Picture in = random_picture({32, 32, 3}, 1);
  Picture out({16, 16, 3});
  const auto draw_all = [&] {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      Rng a(seed), b(seed);
      geometry(a, in.view(), out.view());
      bounded(b, in.view(), out.view());
    }
  };
  draw_all();
  const long before = malloc_count();
  draw_all();
  CHECK(malloc_count() == before);
}

TEST_CASE("geometry wants pictures with as many channels out as in") {
  const Picture in({4, 4, 3});
  Picture out({4, 4, 1});
  Rng rng(1);
  CHECK_THAT(sseg_test::message_of([&] { RandomGeometry{}(rng, in.view(), out.view()); }),
             sseg_test::Contains("(4, 4, 3)"));
}

}  // namespace random_geometry_test

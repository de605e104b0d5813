#include "sseg/curriculum/synthetic_shapes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace synthetic_shapes_test {

using sseg::Images;
using sseg::Index;
using sseg::SyntheticShapes;
using sseg_test::message_of;

namespace {

std::vector<float> picture(const SyntheticShapes& set, Index i) {
  std::vector<float> p(sseg::to_size(set.side * set.side));
  set.read(i, {p.data(), {set.side, set.side, 1}});
  return p;
}

/// Area and mean squared distance from the centroid of what is brighter than the ground, edges in proportion; in half
/// sides.
struct Moments {
  double area = 0, spread = 0;
  bool filled = false;
};
Moments measure(const std::vector<float>& p, Index side) {
  const auto [ground, top] = std::minmax_element(p.begin(), p.end());
  const double pixel = 2.0 / static_cast<double>(side);
  double weight = 0, x = 0, y = 0, squares = 0;
  const auto cover = [&, low = *ground, high = *top](Index i, Index j) {
    return static_cast<double>((p[sseg::to_size(i * side + j)] - low) / (high - low));
  };
  for (Index i = 0; i < side; ++i)
    for (Index j = 0; j < side; ++j) {
      const double w = cover(i, j), px = static_cast<double>(j) * pixel, py = static_cast<double>(i) * pixel;
      weight += w;
      x += w * px;
      y += w * py;
      squares += w * (px * px + py * py);
    }
  x /= weight;
  y /= weight;
  return {weight * pixel * pixel, squares / weight - x * x - y * y,
          cover(static_cast<Index>(std::lround(y / pixel)), static_cast<Index>(std::lround(x / pixel))) > 0.5};
}

constexpr Index position_of(std::string_view name) {
  Index at = 0;
  for (const auto& kind : sseg::shape_kinds::all) {
    if (kind.name == name) return at;
    ++at;
  }
  return -1;
}

/// Filled pictures of one kind have  area = factor·spread  whatever their size; `least` and `most` bound it.
void check_areas(std::string_view kind, double factor, double least, double most) {
  const SyntheticShapes set{.count = 60, .side = 96, .first_kind = position_of(kind), .kinds = 1, .noise = 0};
  int filled = 0, outlined = 0;
  for (Index i = 0; i < set.count; ++i) {
    const Moments m = measure(picture(set, i), set.side);
    if (m.filled) {
      ++filled;
      CHECK(m.area == Approx(factor * m.spread).epsilon(0.005));
      CHECK((m.area > least * 0.995 && m.area < most * 1.005));
    } else {
      ++outlined;
      CHECK(m.area < 0.85 * factor * m.spread);
    }
  }
  CHECK(filled > 15);
  CHECK(outlined > 15);
}

}  // namespace

TEST_CASE("a picture is a pure function of seed and index") {
  const SyntheticShapes set{.seed = 5, .count = 50};
  SyntheticShapes longer = set;
  longer.count = 5000;
  CHECK(picture(set, 7) == picture(set, 7));
  CHECK(picture(set, 7) == picture(longer, 7));
  CHECK(picture(set, 7) != picture(set, 27));  // the same kind
  SyntheticShapes other = set;
  other.seed = 6;
  CHECK(picture(set, 7) != picture(other, 7));
  const Images all = set.images();
  for (const Index i : {0, 7, 49}) {
    const auto stored = all.image(i).flat();
    const auto read = picture(set, i);
    CHECK(std::equal(stored.begin(), stored.end(), read.begin()));
  }
}

TEST_CASE("images carry labels in turn, class names and values between 0 and 1") {
  const Images all = SyntheticShapes{.count = 47, .side = 16, .first_kind = 3, .kinds = 5}.images();
  CHECK(all.size() == 47);
  CHECK(all.shape == sseg::Shape{16, 16, 1});
  CHECK(all.spec().classes == 5);
  CHECK(all.classes == std::vector<std::string>{"hexagon", "star", "ring", "bar", "ell"});
  for (Index i = 0; i < 47; ++i) REQUIRE(all.label[sseg::to_size(i)] == i % 5);
  for (const float v : all.pixels) REQUIRE((v >= 0 && v <= 1));
}

TEST_CASE("without noise a filled disc and square have the area of their size") {
  // Uniform disc of radius R: spread R²/2, area πR², R = 0.85·size. Square of side a: spread a²/6, a = √2·size.
  constexpr double pi = std::numbers::pi;
  check_areas("circle", 2 * pi, pi * 0.425 * 0.425, pi * 0.68 * 0.68);
  check_areas("square", 6, 2 * 0.25, 2 * 0.64);
}

TEST_CASE("noise has its standard deviation") {
  SyntheticShapes set{.count = 1, .side = 128, .kinds = 1, .noise = 0};
  const auto plain = picture(set, 0);
  set.noise = 0.02f;
  const auto noisy = picture(set, 0);
  double squares = 0;
  int counted = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (plain[i] < 0.1f || plain[i] > 0.9f) continue;  // these may be clamped
    const double d = static_cast<double>(noisy[i] - plain[i]);
    squares += d * d;
    ++counted;
  }
  REQUIRE(counted > 1000);
  CHECK(std::sqrt(squares / counted) == Approx(0.02).epsilon(0.06));
}

TEST_CASE("kinds held back are other kinds") {
  const Images seen = SyntheticShapes{.count = 24, .kinds = 12}.images();
  const Images held = SyntheticShapes{.count = 16, .first_kind = 12, .kinds = 8}.images();
  std::set<std::string> names(seen.classes.begin(), seen.classes.end());
  for (const auto& name : held.classes) CHECK(names.insert(name).second);
  CHECK(names.size() == sseg::shape_kinds::all.size());
  // Image 0 of both has the same draws: it is the kind that makes the difference.
  CHECK(picture({.count = 1, .kinds = 1, .noise = 0}, 0) !=
        picture({.count = 1, .first_kind = 12, .kinds = 1, .noise = 0}, 0));
}

TEST_CASE("sets that cannot be are refused") {
  const auto refused = [](const SyntheticShapes& s) {
    return message_of([&] { s.images(); }).find("no such set of shapes") != std::string::npos;
  };
  CHECK(refused({.side = 3}));
  CHECK(refused({.count = 0}));
  CHECK(refused({.kinds = 0}));
  CHECK(refused({.kinds = 21}));
  CHECK(refused({.first_kind = 12, .kinds = 9}));
  CHECK(refused({.first_kind = -1, .kinds = 2}));
  CHECK_FALSE(refused({.count = 1, .first_kind = 19, .kinds = 1}));
}

}  // namespace synthetic_shapes_test

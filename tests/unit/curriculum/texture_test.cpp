#include "sseg/curriculum/texture.hpp"

#include <cmath>
#include <numbers>
#include <set>
#include <vector>

#include "support/catch.hpp"

namespace texture_test {

using sseg::Index;
using sseg::Texture;
using sseg::TextureFactors;
namespace kinds = sseg::texture_kinds;

namespace {

std::vector<float> picture(const TextureFactors& f, Index side) {
  std::vector<float> mix(sseg::to_size(side * side));
  const Texture texture(f, side);
  for (Index y = 0; y < side; ++y) texture.read(y, 0, side, mix.data() + y * side);
  return mix;
}

}  // namespace

TEST_CASE("a wave is a sine of whole turns") {
  for (int k = -4000; k <= 4000; ++k) {
    const float turns = static_cast<float>(k) * 0.0137f;
    REQUIRE(static_cast<double>(kinds::wave(turns)) ==
            Approx(std::sin(2 * std::numbers::pi * static_cast<double>(turns))).margin(0.0015));
  }
}

TEST_CASE("a zigzag runs straight from 1 to -1 and back in one turn") {
  CHECK(kinds::zigzag(0) == Approx(1));
  CHECK(kinds::zigzag(0.25f) == Approx(0));
  CHECK(kinds::zigzag(0.5f) == Approx(-1));
  CHECK(kinds::zigzag(-0.125f) == Approx(0.5));
}

TEST_CASE("steepened values stay between -1 and 1, and the larger of two is one of them") {
  CHECK(kinds::steep(0.2f, 2) == Approx(0.4));
  CHECK(kinds::steep(0.8f, 2) == Approx(1));
  CHECK(kinds::steep(-3, 1) == Approx(-1));
  CHECK(kinds::larger(-2, 3) == Approx(3));
  CHECK(kinds::larger(3, -2) == Approx(3));
}

TEST_CASE("every kind of texture has a name of its own, uses both colours and differs from the others") {
  std::set<std::string_view> names;
  std::vector<std::vector<float>> all;
  for (Index k = 0; k < static_cast<Index>(kinds::all.size()); ++k) {
    INFO(kinds::all[sseg::to_size(k)].name);
    CHECK(names.insert(kinds::all[sseg::to_size(k)].name).second);
    const auto p = picture({.kind = k, .frequency = 5}, 64);
    double sum = 0;
    int low = 0, high = 0;
    for (const float v : p) {
      REQUIRE((v >= 0 && v <= 1));
      sum += static_cast<double>(v);
      low += v < 0.25f;
      high += v > 0.75f;
    }
    CHECK(sum / 4096 > 0.15);
    CHECK(sum / 4096 < 0.85);
    CHECK(low > 200);
    CHECK(high > 80);
    for (const auto& other : all) CHECK(other != p);
    all.push_back(p);
  }
}

TEST_CASE("a texture turns, moves and repeats as its factors say") {
  const Index side = 60;
  const TextureFactors stripes{.kind = 0, .frequency = 6};  // a period of ten pixels
  const auto p = picture(stripes, side);
  for (Index y = 0; y < side; ++y)
    for (Index x = 0; x + 10 < side; ++x) {
      REQUIRE(p[sseg::to_size(y * side + x)] == Approx(p[sseg::to_size(y * side + x + 10)]).margin(1e-3));
      REQUIRE(p[sseg::to_size(y * side + x)] == p[sseg::to_size(x)]);
    }
  TextureFactors turned = stripes;
  turned.angle = 90;
  const auto q = picture(turned, side);
  for (Index y = 0; y < side; ++y)
    for (Index x = 0; x < side; ++x)
      REQUIRE(q[sseg::to_size(y * side + x)] == Approx(p[sseg::to_size(x * side + y)]).margin(1e-3));
  TextureFactors moved = stripes;
  moved.phase_x = 0.3f;  // three pixels
  const auto m = picture(moved, side);
  for (Index x = 0; x + 3 < side; ++x) REQUIRE(m[sseg::to_size(x)] == Approx(p[sseg::to_size(x + 3)]).margin(1e-3));
}

TEST_CASE("rows are read in parts as in whole, and a plain texture is the first colour") {
  const Texture t({.kind = 10, .frequency = 4, .angle = 33, .phase_x = 0.2f, .fine = 0.3f}, 40);
  std::vector<float> whole(40), part(7);
  t.read(13, 0, 40, whole.data());
  t.read(13, 20, 7, part.data());
  for (std::size_t k = 0; k < 7; ++k) CHECK(part[k] == Approx(whole[20 + k]).margin(1e-3));
  Texture({}, 40).read(3, 0, 40, whole.data());
  for (const float v : whole) CHECK(v == 0);
}

}  // namespace texture_test

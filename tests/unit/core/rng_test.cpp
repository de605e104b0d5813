#include "sseg/core/rng.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "support/catch.hpp"

namespace rng_test {

using sseg::Index;
using sseg::Rng;
using sseg::to_size;

namespace {

using Words = std::array<std::uint32_t, 4>;

std::vector<std::uint32_t> draws(Rng rng, int n) {
  std::vector<std::uint32_t> out;
  for (int i = 0; i < n; ++i) out.push_back(rng.next_u32());
  return out;
}

}  // namespace

TEST_CASE("Philox4x32-10 gives the known answers of Random123") {
  constexpr std::uint32_t ones = 0xffffffff;
  static_assert(sseg::philox4x32({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(sseg::philox4x32({ones, ones, ones, ones}, {ones, ones}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(sseg::philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a stream is Philox on a counter, its key the seed") {
  const std::vector<std::uint32_t> stream = draws(Rng(0xa4093822ull | 0x299f31d0ull << 32), 8);
  for (std::uint32_t block = 0; block < 2; ++block) {
    const Words expected = sseg::philox4x32({block, 0, 0, 0}, {0xa4093822, 0x299f31d0});
    CHECK(std::equal(expected.begin(), expected.end(), stream.begin() + 4 * block));
  }
}

TEST_CASE("names become stream numbers by FNV-1a") {
  static_assert(sseg::hash_name("") == 0xcbf29ce484222325ull);
  CHECK(sseg::hash_name("a") == 0xaf63dc4c8601ec8cull);
  CHECK(sseg::hash_name("foobar") == 0x85944171f73967e8ull);
  CHECK(draws(Rng(3).split("foobar"), 5) == draws(Rng(3).split(0x85944171f73967e8ull), 5));
}

TEST_CASE("a split stream depends on its name alone, not on what was drawn") {
  Rng used(7);
  for (int i = 0; i < 13; ++i) used.next_u32();
  CHECK(draws(used.split(3), 20) == draws(Rng(7).split(3), 20));
  CHECK(draws(Rng(7).split(3), 20) != draws(Rng(7).split(4), 20));
  CHECK(draws(Rng(7).split(3), 20) != draws(Rng(8).split(3), 20));
  CHECK(draws(Rng(7).split(3), 20) != draws(Rng(7), 20));
  CHECK(draws(Rng(7).split(1).split(2), 20) != draws(Rng(7).split(2).split(1), 20));
}

TEST_CASE("neighbouring streams are unrelated") {
  // First draws of the streams 0 … n-1, as if they were one stream: mean, variance, correlation with the next.
  constexpr int n = 40000;
  const Rng root(11);
  double sum = 0, squares = 0, products = 0, last = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const double v = static_cast<double>(root.split(i).uniform()) - 0.5;
    sum += v;
    squares += v * v;
    products += v * last;
    last = v;
  }
  CHECK(sum / n == Approx(0).margin(0.006));
  CHECK(squares / n == Approx(1.0 / 12).epsilon(0.02));
  CHECK(products / n == Approx(0).margin(0.002));
}

TEST_CASE("uniform draws fill 0 to 1 and any other interval") {
  Rng rng(5);
  float least = 1, most = 0;
  double sum = 0;
  for (int i = 0; i < 50000; ++i) {
    const float v = rng.uniform();
    REQUIRE((v >= 0 && v < 1));
    REQUIRE(v * 0x1p24f == std::floor(v * 0x1p24f));
    least = std::min(least, v);
    most = std::max(most, v);
    sum += static_cast<double>(v);
  }
  CHECK(least < 0.001f);
  CHECK(most > 0.999f);
  CHECK(sum / 50000 == Approx(0.5).margin(0.006));
  for (int i = 0; i < 1000; ++i) {
    const float v = rng.uniform(-3, -1);
    REQUIRE((v >= -3 && v <= -1));
  }
  CHECK(rng.uniform(0, 0) == 0);
}

TEST_CASE("chance happens as often as it says") {
  Rng rng(6);
  int hits = 0;
  for (int i = 0; i < 20000; ++i) {
    hits += rng.chance(0.3f);
    REQUIRE_FALSE(rng.chance(0));
    REQUIRE(rng.chance(1));
  }
  CHECK(hits / 20000.0 == Approx(0.3).margin(0.013));
}

TEST_CASE("whole numbers below n are bounded and unbiased") {
  Rng rng(9);
  CHECK(rng.below(1) == 0);
  std::array<int, 7> count{};
  for (int i = 0; i < 70000; ++i) {
    const Index v = rng.below(7);
    REQUIRE((v >= 0 && v < 7));
    ++count[to_size(v)];
  }
  double chi_square = 0;
  for (const int c : count) chi_square += (c - 10000.0) * (c - 10000.0) / 10000.0;
  CHECK(chi_square < 22.5);  // 6 degrees of freedom: exceeded once in 1000 seeds

  // Without rejection a multiple of 3 would come up every second time.
  constexpr Index wide = Index{3} << 30;
  int multiples = 0;
  for (int i = 0; i < 20000; ++i) {
    const Index v = rng.below(wide);
    REQUIRE((v >= 0 && v < wide));
    multiples += v % 3 == 0;
  }
  CHECK(multiples / 20000.0 == Approx(1.0 / 3).margin(0.015));
}

TEST_CASE("normal draws have the moments of the standard normal distribution") {
  Rng rng(12);
  constexpr int n = 100000;
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (int i = 0; i < n; ++i) {
    const double v = static_cast<double>(rng.normal());
    REQUIRE(std::isfinite(v));
    m1 += v;
    m2 += v * v;
    m3 += v * v * v;
    m4 += v * v * v * v;
  }
  CHECK(m1 / n == Approx(0).margin(0.013));
  CHECK(m2 / n == Approx(1).margin(0.018));
  CHECK(m3 / n == Approx(0).margin(0.05));
  CHECK(m4 / n == Approx(3).margin(0.13));
}

TEST_CASE("a shuffle is a permutation, every permutation as likely") {
  Rng rng(13);
  std::vector<int> items(100);
  std::iota(items.begin(), items.end(), 0);
  const std::vector<int> ordered = items;
  rng.shuffle(std::span(items));
  CHECK(items != ordered);
  std::sort(items.begin(), items.end());
  CHECK(items == ordered);

  std::map<std::array<int, 3>, int> seen;
  for (int i = 0; i < 12000; ++i) {
    std::array<int, 3> three{0, 1, 2};
    rng.shuffle(std::span<int>(three));
    ++seen[three];
  }
  REQUIRE(seen.size() == 6);
  for (const auto& [order, times] : seen) CHECK(times == Approx(2000).margin(170));

  std::vector<int> none;
  rng.shuffle(std::span(none));
  CHECK(none.empty());
}

}  // namespace rng_test

#include "sseg/augment/erase.hpp"

#include <algorithm>
#include <set>

#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"

namespace erase_test {

using sseg::Erase;
using sseg_test::augmented;
using sseg_test::Index;
using sseg_test::Picture;

namespace {

struct Hole {
  Index top, left, height, width;
};

/// The box round all zeros, and whether it holds nothing else.
Hole hole_in(const Picture& p, bool& solid) {
  Index top = p.shape[0], left = p.shape[1], bottom = -1, right = -1, zeros = 0;
  for (Index y = 0; y < p.shape[0]; ++y)
    for (Index x = 0; x < p.shape[1]; ++x) {
      Index here = 0;
      for (Index c = 0; c < p.shape[2]; ++c) here += p.at(y, x, c) == 0;
      if (here == 0) continue;
      zeros += here;
      top = std::min(top, y), bottom = std::max(bottom, y);
      left = std::min(left, x), right = std::max(right, x);
    }
  const Hole hole{top, left, bottom - top + 1, right - left + 1};
  solid = bottom >= 0 && zeros == hole.height * hole.width * p.shape[2];
  return hole;
}

}  // namespace

TEST_CASE("an erased picture lacks one square within bounds, in all channels, and is otherwise unchanged") {
  const Erase erase{.probability = 1, .side = 0.5f};
  const Picture in({12, 20, 2}, 0.7f);
  std::set<Index> sizes, tops, lefts;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Picture out = augmented(erase, in, seed);
    bool solid = false;
    const Hole hole = hole_in(out, solid);
    REQUIRE(solid);
    REQUIRE(hole.height == hole.width);
    REQUIRE(hole.height <= 6);
    for (const float v : out.value) REQUIRE((v == 0 || v == 0.7f));
    sizes.insert(hole.height);
    tops.insert(hole.top);
    lefts.insert(hole.left);
  }
  CHECK(sizes == std::set<Index>{1, 2, 3, 4, 5, 6});
  CHECK(tops.size() == 12);
  CHECK(lefts.size() == 20);
}

TEST_CASE("the same stream erases the same square") {
  const Picture in({12, 12, 1}, 1.f);
  const Erase erase{.probability = 1, .side = 0.5f};
  CHECK(augmented(erase, in, 3) == augmented(erase, in, 3));
  CHECK(augmented(erase, in, 3) != augmented(erase, in, 4));
}

TEST_CASE("erasing happens with its probability") {
  const Picture in({8, 8, 1}, 1.f);
  CHECK(augmented(Erase{.probability = 0}, in, 1) == in);
  int erased = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) erased += augmented(Erase{.probability = 0.25f}, in, seed) != in;
  CHECK(erased / 2000.0 == Approx(0.25).margin(0.04));
}

TEST_CASE("the smallest picture and a side beyond it are in bounds") {
  const Picture dot({1, 1, 1}, 1.f), small({3, 5, 1}, 1.f);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CHECK(augmented(Erase{.probability = 1, .side = 0.1f}, dot, seed).value[0] == 0);
    const Picture out = augmented(Erase{.probability = 1, .side = 3.f}, small, seed);
    for (const float v : out.value) REQUIRE((v == 0 || v == 1));
  }
}

}  // namespace erase_test

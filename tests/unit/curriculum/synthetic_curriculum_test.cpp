#include "sseg/curriculum/synthetic_curriculum.hpp"

#include <vector>

#include "support/catch.hpp"

namespace synthetic_curriculum_test {

using namespace sseg;

TEST_CASE("a curriculum is the four levels one after the other") {
  const SyntheticCurriculum all{{.seed = 3, .count = 7, .side = 16}};
  CHECK(all.size() == 28);
  CHECK(all.spec().shape == Shape{16, 16, 3});
  std::vector<float> a(16 * 16 * 3), b = a;
  for (Index i = 0; i < all.size(); ++i) {
    CHECK(all.level(i) == i / 7 + 1);
    const SyntheticGenerator g{.seed = 3, .level = i / 7 + 1, .count = 7, .side = 16};
    CHECK(all.of_level(i / 7 + 1) == g);
    CHECK(all.read(i, {a.data(), {16, 16, 3}}) == g.read(i % 7, {b.data(), {16, 16, 3}}));
    CHECK(a == b);
  }
}

}  // namespace synthetic_curriculum_test

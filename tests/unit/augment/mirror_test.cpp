#include "sseg/augment/mirror.hpp"

#include <vector>

#include "support/catch.hpp"

namespace mirror_test {

using sseg::Mirror;

TEST_CASE("a mirror turns columns, rows or both over and keeps pixels whole") {
  const std::vector<float> in{1, 2, 3, 4, 5, 6, 7, 8};  // two rows of two pixels of two channels
  const auto mirrored = [&](const Mirror& mirror) {
    std::vector<float> out(8);
    mirror.apply({in.data(), {2, 2, 2}}, {out.data(), {2, 2, 2}});
    return out;
  };
  CHECK(mirrored({}) == in);
  CHECK(mirrored({.left_right = true}) == std::vector<float>{3, 4, 1, 2, 7, 8, 5, 6});
  CHECK(mirrored({.top_bottom = true}) == std::vector<float>{5, 6, 7, 8, 1, 2, 3, 4});
  CHECK(mirrored({.left_right = true, .top_bottom = true}) == std::vector<float>{7, 8, 5, 6, 3, 4, 1, 2});
}

}  // namespace mirror_test

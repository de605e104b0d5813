#include "sseg/core/shape.hpp"

#include "support/catch.hpp"

namespace shape_test {

using sseg::Shape;

TEST_CASE("a shape knows its extents, rank and number of elements") {
  constexpr Shape s{32, 28, 27, 3};
  static_assert(s.rank == 4 && s[0] == 32 && s[3] == 3 && s.count() == 32 * 28 * 27 * 3);
  CHECK(s.count() == 72576);
  CHECK(Shape{}.count() == 1);
  CHECK(Shape{}.rank == 0);
  CHECK(Shape{5}.count() == 5);
  CHECK(Shape{4, 0, 3}.count() == 0);
  CHECK(Shape{1, 2, 3, 4, 5}.rank == Shape::max_rank);
  CHECK(Shape{1 << 20, 1 << 20}.count() == sseg::Index{1} << 40);
}

TEST_CASE("another batch size changes the outermost extent alone") {
  constexpr Shape s{32, 28, 27, 3};
  CHECK(s.with_batch(5) == Shape{5, 28, 27, 3});
  CHECK(s == Shape{32, 28, 27, 3});
}

TEST_CASE("shapes are equal when rank and every extent are") {
  CHECK(Shape{2, 3} == Shape{2, 3});
  CHECK(Shape{2, 3} != Shape{3, 2});
  CHECK(Shape{2, 3} != Shape{2, 3, 1});
  CHECK(Shape{2, 0} != Shape{2});
}

TEST_CASE("a shape as text") {
  CHECK(sseg::to_string(Shape{32, 28, 28, 1}) == "(32, 28, 28, 1)");
  CHECK(sseg::to_string(Shape{7}) == "(7)");
  CHECK(sseg::to_string(Shape{}) == "()");
}

}  // namespace shape_test

#include "sseg/augment/quarter_turn.hpp"

#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace quarter_turn_test {

using sseg::quarter_turn;
using sseg_test::Contains;
using sseg_test::Index;
using sseg_test::message_of;
using sseg_test::Picture;
using sseg_test::random_picture;

namespace {

Picture turned(const Picture& in, Index turns) {
  Picture out(in.shape, -99.f);
  quarter_turn(in.view(), out.view(), turns);
  return out;
}

}  // namespace

TEST_CASE("a quarter turn is counter-clockwise") {
  Picture in({2, 2, 1});
  in.value = {1, 2,  //
              3, 4};
  CHECK(turned(in, 0).value == std::vector<float>{1, 2, 3, 4});
  CHECK(turned(in, 1).value == std::vector<float>{2, 4, 1, 3});
  CHECK(turned(in, 2).value == std::vector<float>{4, 3, 2, 1});
  CHECK(turned(in, 3).value == std::vector<float>{3, 1, 4, 2});
}

TEST_CASE("turns add up, whatever the side and the channels") {
  for (const sseg::Shape shape : {sseg::Shape{1, 1, 3}, sseg::Shape{7, 7, 3}, sseg::Shape{8, 8, 1}}) {
    const Picture in = random_picture(shape, 1);
    const Index last = shape[0] - 1;
    const Picture once = turned(in, 1);
    for (Index y = 0; y <= last; ++y)
      for (Index x = 0; x <= last; ++x)
        for (Index c = 0; c < shape[2]; ++c) REQUIRE(once.at(y, x, c) == in.at(x, last - y, c));
    Picture step = in;
    for (Index turns = 0; turns < 9; ++turns, step = turned(step, 1)) {
      CHECK(turned(in, turns) == step);
      CHECK(turned(step, -turns) == in);
    }
  }
}

TEST_CASE("only a square is turned") {
  const Picture in({3, 4, 1}), square({3, 3, 1});
  Picture out({3, 4, 1});
  CHECK_THAT(message_of([&] { quarter_turn(in.view(), out.view(), 1); }), Contains("square"));
  CHECK_THAT(message_of([&] { quarter_turn(square.view(), out.view(), 1); }), Contains("square"));
}

}  // namespace quarter_turn_test

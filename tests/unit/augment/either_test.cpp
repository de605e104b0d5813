#include "sseg/augment/either.hpp"

#include "sseg/augment/brightness.hpp"
#include "sseg/augment/frame.hpp"
#include "support/catch.hpp"

namespace either_test {

using namespace sseg;
using One = Either<Brightness, Frame>;
static_assert(Augmentation<One>);

TEST_CASE("Either is the one that was chosen") {
  const One frame{Frame{.side = 2}};
  CHECK(frame.out_shape({4, 4, 1}) == Shape{2, 2, 1});
  CHECK(One{}.out_shape({4, 4, 1}) == Shape{4, 4, 1});
  CHECK_FALSE(frame == One{});

  const Brightness strong{.contrast = 0.9f, .brightness = 0.5f};
  const std::vector<float> in{0.1f, 0.5f, 0.7f, 0.2f};
  std::vector<float> expected(4), out(4);
  const Shape shape{2, 2, 1};
  Rng a(1), b(1);
  strong(a, {in.data(), shape}, {expected.data(), shape});
  One{strong}(b, {in.data(), shape}, {out.data(), shape});
  CHECK(out == expected);
  CHECK(out != in);
}

}  // namespace either_test

#include "sseg/augment/flip.hpp"

#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"

namespace flip_test {

using sseg::Flip;
using sseg::Shape;
using sseg_test::augmented;
using sseg_test::Index;
using sseg_test::Picture;
using sseg_test::random_picture;

namespace {

Picture mirrored(const Picture& in, bool left_right, bool top_bottom) {
  Picture out(in.shape);
  const Index h = in.shape[0], w = in.shape[1], channels = in.shape[2];
  for (Index y = 0; y < h; ++y)
    for (Index x = 0; x < w; ++x)
      for (Index c = 0; c < channels; ++c)
        out.value[sseg::to_size((y * w + x) * channels + c)] =
            in.at(top_bottom ? h - 1 - y : y, left_right ? w - 1 - x : x, c);
  return out;
}

}  // namespace

TEST_CASE("a flip mirrors columns or rows or both, all channels alike") {
  for (const Shape shape : {Shape{4, 7, 3}, Shape{5, 5, 1}, Shape{1, 6, 2}}) {
    const Picture in = random_picture(shape, 1);
    CHECK(augmented(Flip{1, 0}, in, 3) == mirrored(in, true, false));
    CHECK(augmented(Flip{0, 1}, in, 3) == mirrored(in, false, true));
    CHECK(augmented(Flip{1, 1}, in, 3) == mirrored(in, true, true));
    CHECK(augmented(Flip{0, 0}, in, 3) == in);
  }
}

TEST_CASE("the two flips happen with their probabilities, each on its own") {
  const Picture in = random_picture({3, 3, 1}, 2);
  int left_right = 0, top_bottom = 0, both = 0;
  constexpr int draws = 4000;
  for (std::uint64_t seed = 0; seed < draws; ++seed) {
    const Picture out = augmented(Flip{.horizontal = 0.5f, .vertical = 0.25f}, in, seed);
    left_right += out == mirrored(in, true, false);
    top_bottom += out == mirrored(in, false, true);
    both += out == mirrored(in, true, true);
  }
  CHECK(left_right / double{draws} == Approx(0.375).margin(0.03));
  CHECK(top_bottom / double{draws} == Approx(0.125).margin(0.03));
  CHECK(both / double{draws} == Approx(0.125).margin(0.03));
}

}  // namespace flip_test

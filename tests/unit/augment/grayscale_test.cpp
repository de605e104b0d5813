#include "sseg/augment/grayscale.hpp"

#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"

namespace grayscale_test {

using sseg::Grayscale;
using sseg_test::augmented;
using sseg_test::Picture;
using sseg_test::random_picture;

TEST_CASE("a gray picture has its luma in every channel") {
  const Picture in = random_picture({7, 9, 3}, 1);
  const Picture out = augmented(Grayscale{1}, in, 2);
  for (std::size_t i = 0; i < 63; ++i) {
    const double expected = 0.299 * static_cast<double>(in.value[3 * i]) +
                            0.587 * static_cast<double>(in.value[3 * i + 1]) +
                            0.114 * static_cast<double>(in.value[3 * i + 2]);
    for (std::size_t c = 0; c < 3; ++c)
      CHECK(static_cast<double>(out.value[3 * i + c]) == Approx(expected).margin(1e-6));
  }
  const Picture white({2, 2, 3}, 1.f);
  for (const float v : augmented(Grayscale{1}, white, 1).value) CHECK((v <= 1 && v > 0.9999f));
}

TEST_CASE("one channel stays, and of two the mean is taken") {
  const Picture one = random_picture({5, 5, 1}, 3), two = random_picture({5, 5, 2}, 4);
  CHECK(augmented(Grayscale{1}, one, 1) == one);
  const Picture out = augmented(Grayscale{1}, two, 1);
  for (std::size_t i = 0; i < 25; ++i)
    for (std::size_t c = 0; c < 2; ++c)
      CHECK(out.value[2 * i + c] == Approx((two.value[2 * i] + two.value[2 * i + 1]) / 2));
}

TEST_CASE("graying happens with its probability") {
  const Picture in = random_picture({3, 3, 3}, 5);
  int gray = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Picture out = augmented(Grayscale{}, in, seed);
    gray += out != in;
    if (out != in) REQUIRE((out.value[0] == out.value[1] && out.value[1] == out.value[2]));
  }
  CHECK(gray / 2000.0 == Approx(0.2).margin(0.04));
}

}  // namespace grayscale_test

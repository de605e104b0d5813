#include "sseg/curriculum/pixel_noise.hpp"

#include <cmath>
#include <vector>

#include "support/catch.hpp"

namespace pixel_noise_test {

using sseg::add_noise;
using sseg::Index;
using sseg::Rng;

TEST_CASE("noise has its mean, its deviation and nearly normal tails, and neighbours do not depend on each other") {
  constexpr Index count = 400'000;
  std::vector<float> x(count, 0.5f);
  add_noise(Rng(3), 0.1f, count, x.data());
  double sum = 0, squares = 0, fourth = 0, products = 0;
  double last = 0;
  for (const float v : x) {
    const double z = (static_cast<double>(v) - 0.5) / 0.1;
    sum += z, squares += z * z, fourth += z * z * z * z, products += z * last;
    last = z;
  }
  CHECK(std::abs(sum / count) < 0.006);  // four standard errors
  CHECK(squares / count == Approx(1).epsilon(0.008));
  CHECK(fourth / count == Approx(2.7).epsilon(0.02));  // Irwin-Hall of four: 3 - 6/(5·4)
  CHECK(std::abs(products / count) < 0.007);
}

TEST_CASE("noise is a function of the stream's name, and values stay between 0 and 1") {
  std::vector<float> a(1000, 0.02f), b = a, c = a;
  add_noise(Rng(7), 0.2f, 1000, a.data());
  add_noise(Rng(7), 0.2f, 1000, b.data());
  add_noise(Rng(8), 0.2f, 1000, c.data());
  CHECK(a == b);
  CHECK(a != c);
  Rng drawn(7);
  drawn.next_u32();
  std::vector<float> d(1000, 0.02f);
  add_noise(drawn, 0.2f, 1000, d.data());
  CHECK(a == d);
  for (const float v : a) CHECK((v >= 0 && v <= 1));
}

}  // namespace pixel_noise_test

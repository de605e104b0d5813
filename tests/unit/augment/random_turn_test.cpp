#include "sseg/augment/random_turn.hpp"

#include <array>

#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace random_turn_test {

using sseg::RandomTurn;
using sseg_test::augmented;
using sseg_test::Index;
using sseg_test::Picture;
using sseg_test::random_picture;

TEST_CASE("a random turn is one of the four, each as likely by default") {
  const Picture in = random_picture({5, 5, 3}, 1);
  std::array<Picture, 4> turned{in, in, in, in};
  for (Index turns = 0; turns < 4; ++turns) sseg::quarter_turn(in.view(), turned[sseg::to_size(turns)].view(), turns);
  std::array<int, 4> seen{}, rare{};
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    const Picture often = augmented(RandomTurn{}, in, seed),
                  seldom = augmented(RandomTurn{.probability = 0.3f}, in, seed);
    for (std::size_t k = 0; k < 4; ++k) seen[k] += often == turned[k], rare[k] += seldom == turned[k];
  }
  CHECK(seen[0] + seen[1] + seen[2] + seen[3] == 4000);
  for (const int n : seen) CHECK(n / 4000.0 == Approx(0.25).margin(0.03));
  CHECK(rare[0] / 4000.0 == Approx(0.7).margin(0.03));
  for (std::size_t k = 1; k < 4; ++k) CHECK(rare[k] / 4000.0 == Approx(0.1).margin(0.02));
}

TEST_CASE("turning that is off takes any picture and draws nothing, and turning that is on wants squares") {
  const Picture in = random_picture({4, 6, 1}, 1);
  Picture out(in.shape);
  sseg::Rng rng(3), untouched(3);
  CHECK(RandomTurn{.probability = 0}.idle());
  RandomTurn{.probability = 0}(rng, in.view(), out.view());
  CHECK(out == in);
  CHECK(rng.next_u32() == untouched.next_u32());
  CHECK_THAT(sseg_test::message_of([&] { RandomTurn{}(rng, in.view(), out.view()); }),
             sseg_test::Contains("square picture"));
}

}  // namespace random_turn_test

#include "sseg/curriculum/difficulty_scorer.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include "sseg/curriculum/synthetic_generator.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace difficulty_scorer_test {

using sseg::DifficultyScorer;
using sseg::Index;
using sseg::SyntheticGenerator;

TEST_CASE("statistics of pictures counted by hand") {
  const DifficultyScorer scorer;
  std::vector<float> p(32 * 32, 0.4f);
  const sseg::View<const float> view{p.data(), {32, 32, 1}};
  CHECK(scorer.statistics(view) == sseg::ImageStatistics{});
  // Left half dark, right half bright: two brightnesses, 1 bit of 5; edges of one direction.
  for (std::size_t k = 0; k < p.size(); ++k) p[k] = k % 32 < 16 ? 0.1f : 0.9f;
  auto s = scorer.statistics(view);
  CHECK(s.brightness_entropy == Approx(0.2));
  CHECK(s.orientation_entropy == Approx(0).margin(1e-9));
  CHECK(s.edge_density == Approx(4. / 28));  // the step, smoothed to three pixels, shows in four differences
  CHECK(s.difficulty() == Approx(0).margin(1e-9));
  // A cone: all directions alike.
  for (std::size_t k = 0; k < p.size(); ++k)
    p[k] = 0.05f * std::hypot(static_cast<float>(k % 32) - 15.5f, static_cast<float>(k / 32) - 15.5f);
  s = scorer.statistics(view);
  CHECK(s.orientation_entropy > 0.99);
  CHECK(s.edge_density > 0.9);
}

TEST_CASE("difficulty rises with the level of the curriculum") {
  const Index side = GENERATE(28, 84), channels = GENERATE(1, 3);
  double last = 0;
  for (const Index level : {1, 2, 3, 4}) {
    const double now = sseg::mean_difficulty(
        SyntheticGenerator{.seed = 11, .level = level, .side = side, .channels = channels}, 0, 240);
    INFO("level " << level << " of side " << side << " in " << channels << " channels: " << now << " after " << last);
    CHECK(now > last + 0.03);
    last = now;
  }
}

TEST_CASE("pictures and ranges that make no sense are refused") {
  std::vector<float> p(12);
  const DifficultyScorer scorer;
  CHECK_THAT(sseg_test::message_of([&] { scorer({p.data(), {2, 6, 1}}); }), sseg_test::Contains("3 x 3"));
  CHECK_THAT(sseg_test::message_of([] { DifficultyScorer(0); }), sseg_test::Contains("least_edge"));
  CHECK_THAT(sseg_test::message_of([] { sseg::mean_difficulty(SyntheticGenerator{.count = 5}, 3, 3); }),
             sseg_test::Contains("not so many"));
}

}  // namespace difficulty_scorer_test

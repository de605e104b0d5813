#include "sseg/fewshot/matching_net.hpp"

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "unit/fewshot/scores_of.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace matching_net_test {

using sseg::Index;
using sseg::MatchingNet;
using sseg_test::scores_of;

TEST_CASE("attention by hand") {
  // Cosines of the query (2, 0) with the three: 1, 0, √½; the first and last are of class 1.
  const double e1 = std::exp(1.0), e0 = 1, eh = std::exp(std::sqrt(0.5)), sum = e1 + e0 + eh;
  const auto s = scores_of(MatchingNet{}, {5, 0, 0, 3, 1, 1}, {1, 0, 1}, 2, {2, 0}, 2);
  CHECK(static_cast<double>(s[0]) == Approx(e0 / sum).epsilon(1e-5));
  CHECK(static_cast<double>(s[1]) == Approx((e1 + eh) / sum).epsilon(1e-5));
  // Attention is spread over images, not classes: a class of many far images can outweigh one near image, unless the
  // scale makes the near one count for all.
  const std::vector<float> crowd{1, 0, 0.6f, 0.8f, 0.6f, 0.8f, 0.6f, 0.8f};
  const auto paper = scores_of(MatchingNet{}, crowd, {0, 1, 1, 1}, 2, {1, 0}, 2);
  const auto sharp = scores_of(MatchingNet{100}, crowd, {0, 1, 1, 1}, 2, {1, 0}, 2);
  CHECK(paper[0] < paper[1]);
  CHECK(sharp[0] > 0.999f);
}

TEST_CASE("a matching net says what it is and refuses a scale that is none") {
  CHECK(sseg::describe(MatchingNet{}) == "matching, cosine attention");
  CHECK(sseg::describe(MatchingNet{100}) == "matching, cosine attention times 100");
  for (const float scale : {0.f, -1.f, 1e5f, std::nanf("")})
    CHECK_THAT(sseg_test::message_of([&] {
                 scores_of(MatchingNet{scale}, {1, 0}, {0, 0}, 1, {1}, 1);
               }),
               sseg_test::Contains("evaluation.matching.scale"));
}

}  // namespace matching_net_test

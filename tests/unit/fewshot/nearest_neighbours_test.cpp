#include "sseg/fewshot/nearest_neighbours.hpp"

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "unit/fewshot/scores_of.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace nearest_neighbours_test {

using sseg::Index;
using sseg::NearestNeighbours;
using sseg_test::scores_of;

namespace {

// Cosines with the query (1, 0): 1, 0.8, 0.8, 0.6, 0.
const std::vector<float> support{1, 0, 0.8f, 0.6f, 0.8f, -0.6f, 0.6f, 0.8f, 0, 1};
const std::vector<Index> label{0, 1, 1, 2, 2};

std::vector<float> votes(Index k, float temperature) {
  return scores_of(NearestNeighbours{k, temperature}, support, label, 3, {1, 0}, 2);
}

}  // namespace

TEST_CASE("neighbours vote by hand") {
  CHECK(votes(1, 0.07f) == std::vector<float>{1, 0, 0});
  const double a = 1, b = std::exp(-0.2), c = std::exp(-0.4), sum = a + 2 * b + c;
  const auto four = votes(4, 1);
  CHECK(static_cast<double>(four[0]) == Approx(a / sum).epsilon(1e-5));
  CHECK(static_cast<double>(four[1]) == Approx(2 * b / sum).epsilon(1e-5));
  CHECK(static_cast<double>(four[2]) == Approx(c / sum).epsilon(1e-5));
  CHECK(votes(3, 1)[2] == 0);
  // Fewer images than k: all vote. A low temperature lets the nearest decide.
  CHECK(votes(5, 1) == votes(50, 1));
  CHECK(votes(50, 0.01f)[0] > 0.999f);
}

TEST_CASE("of images as near as each other the first goes first") {
  const auto s = scores_of(NearestNeighbours{.k = 1}, {0, 2, 2, 0, 1, 0}, {0, 2, 1}, 3, {1, 0}, 2);
  CHECK(s == std::vector<float>{0, 0, 1});
}

TEST_CASE("a feature that is not a number gives votes that are none") {
  const float nan = std::nanf("");
  const auto s = scores_of(NearestNeighbours{}, {1, 0, nan, 0}, {0, 1}, 2, {1, 0}, 2);
  CHECK((std::isnan(s[0]) && std::isnan(s[1])));
}

TEST_CASE("neighbours say what they are and refuse what makes no sense") {
  CHECK(sseg::describe(NearestNeighbours{}) == "5 nearest neighbours, cosine, temperature 0.07");
  for (const NearestNeighbours wrong :
       {NearestNeighbours{.k = 0}, NearestNeighbours{.temperature = 0}, NearestNeighbours{.temperature = 1e5f}})
    CHECK_THAT(sseg_test::message_of([&] {
                 scores_of(wrong, {1, 0}, {0, 0}, 1, {1}, 1);
               }),
               sseg_test::Contains("evaluation.knn"));
}

}  // namespace nearest_neighbours_test

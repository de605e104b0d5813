#include "sseg/fewshot/prototypes.hpp"

#include <cmath>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace prototypes_test {

using sseg::Cl2n;
using sseg::CosineSimilarity;
using sseg::Index;
using sseg::Prototypes;
using sseg::SquaredEuclidean;
using sseg::to_size;

namespace {

template <class Metric>
std::vector<float> scores(const Metric& metric, const std::vector<float>& support, const std::vector<Index>& label,
                          Index way, const std::vector<float>& query, Index dim) {
  const auto queries = static_cast<Index>(query.size()) / dim;
  std::vector<float> out(to_size(queries * way), -77.f);
  Prototypes<Metric>{metric}.classify(
      {{support.data(), {static_cast<Index>(label.size()), dim}}, label, way, {query.data(), {queries, dim}}},
      {out.data(), {queries, way}});
  return out;
}

void check_equal(const std::vector<float>& actual, const std::vector<double>& expected) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) CHECK(actual[i] == Approx(expected[i]).margin(1e-6));
}

// Class 0 at (4, 0) and (0, 0); class 1 at (0, 3) and (0, 5). The labels are mixed.
const std::vector<float> support{4, 0, 0, 3, 0, 0, 0, 5};
const std::vector<Index> label{0, 1, 0, 1};

}  // namespace

TEST_CASE("Euclidean prototypes by hand") {
  // Prototypes (2, 0) and (0, 4).
  check_equal(scores(SquaredEuclidean{}, support, label, 2, {2, 1, 0, 0, -1, 4}, 2), {-1, -13, -4, -16, -25, -1});
}

TEST_CASE("cosine prototypes by hand") {
  // Unit features (1, 0), (0, 1): prototypes (1, 0) after scaling the mean of (1, 0) and (0, 0), and (0, 1).
  check_equal(scores(CosineSimilarity{}, support, label, 2, {3, 4, -2, 0}, 2), {0.6, 0.8, -1, 0});
  // Directions at 0° and 90° average to 45°, whatever their lengths.
  const double half = std::sqrt(0.5);
  check_equal(scores(CosineSimilarity{}, {10, 0, 0, 0.1f, -1, 0, -1, 0}, {0, 0, 1, 1}, 2, {5, 0}, 2), {half, -1});
}

TEST_CASE("CL2N prototypes by hand") {
  // Less the base mean (1, 1): (3, 0) and (0, 2) of class 0, unit (1, 0), (0, 1), mean (.5, .5), not scaled again.
  // Class 1: (0, -4) and (0, -1): unit and mean (0, -1). Query (0, 5) - (1, 1) = (-1, 4), unit (-1, 4)/√17.
  const std::vector<float> rows{4, 1, 1, 3, 1, -3, 1, 0};
  const double a = -1 / std::sqrt(17.0), b = 4 / std::sqrt(17.0);
  check_equal(scores(Cl2n{{1, 1}}, rows, {0, 0, 1, 1}, 2, {0, 5}, 2),
              {-((a - .5) * (a - .5) + (b - .5) * (b - .5)), -(a * a + (b + 1) * (b + 1))});
}

TEST_CASE("features of zero length score finite numbers") {
  for (const float s : scores(CosineSimilarity{}, {0, 0, 1, 0}, {0, 1}, 2, {0, 0, 1, 1}, 2)) CHECK(std::isfinite(s));
  for (const float s : scores(Cl2n{{1, 0}}, {0, 0, 1, 0}, {0, 1}, 2, {1, 0}, 2)) CHECK(std::isfinite(s));
}

TEST_CASE("with one shot the nearest prototype is the nearest neighbour") {
  constexpr Index way = 5, queries = 40, dim = 7;
  sseg::Rng rng(1);
  std::vector<float> s(way * dim), q(queries * dim);
  for (float& v : s) v = rng.normal() + 0.5f;
  for (float& v : q) v = rng.normal() + 0.5f;
  const std::vector<Index> order{3, 1, 4, 0, 2};
  const auto nearest = [&](Index query, bool cosine) {
    double best = -1e30;
    Index at = -1;
    for (Index k = 0; k < way; ++k) {
      double dot = 0, a = 0, b = 0, squares = 0;
      for (Index d = 0; d < dim; ++d) {
        const auto x = static_cast<double>(q[to_size(query * dim + d)]),
                   y = static_cast<double>(s[to_size(k * dim + d)]);
        dot += x * y, a += x * x, b += y * y, squares += (x - y) * (x - y);
      }
      const double score = cosine ? dot / std::sqrt(a * b) : -squares;
      if (score > best) best = score, at = order[to_size(k)];
    }
    return at;
  };
  const auto agree = [&](const std::vector<float>& score, bool cosine) {
    Index same = 0;
    for (Index i = 0; i < queries; ++i) {
      const auto row = score.begin() + i * way;
      same += std::max_element(row, row + way) - row == nearest(i, cosine);
    }
    return same;
  };
  CHECK(agree(scores(SquaredEuclidean{}, s, order, way, q, dim), false) == queries);
  CHECK(agree(scores(CosineSimilarity{}, s, order, way, q, dim), true) == queries);
  CHECK(agree(scores(Cl2n{std::vector<float>(dim)}, s, order, way, q, dim), true) == queries);
}

TEST_CASE("a class without support and CL2N without its mean are refused") {
  using sseg_test::Contains;
  using sseg_test::message_of;
  CHECK_THAT(message_of([] {
               scores(SquaredEuclidean{}, support, label, 3, {0, 0}, 2);
             }),
             Contains("a class has no support image"));
  CHECK_THAT(message_of([] { scores(Cl2n{}, support, label, 2, {0, 0}, 2); }), Contains("no mean of the base set"));
  CHECK_THAT(message_of([] {
               scores(Cl2n{{1, 2, 3}}, support, label, 2, {0, 0}, 2);
             }),
             Contains("no mean of the base set"));
}

}  // namespace prototypes_test

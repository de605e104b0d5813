#include "sseg/fewshot/best_match.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace best_match_test {

using sseg::BestMatch;
using sseg::Index;
using sseg::to_size;

namespace {

std::vector<float> scores(Index parts, const std::vector<float>& support, const std::vector<Index>& label, Index way,
                          const std::vector<float>& query, Index row) {
  const auto queries = static_cast<Index>(query.size()) / row;
  std::vector<float> out(to_size(queries * way), -77.f);
  BestMatch{parts}.classify(
      {{support.data(), {static_cast<Index>(label.size()), row}}, label, way, {query.data(), {queries, row}}},
      {out.data(), {queries, way}});
  return out;
}

std::vector<float> draw(Index n, std::uint64_t seed) {
  sseg::Rng rng(seed);
  std::vector<float> v(to_size(n));
  for (float& x : v) x = rng.normal();
  return v;
}

double cosine(const float* a, const float* b, Index n) {
  double ab = 0, aa = 0, bb = 0;
  for (Index i = 0; i < n; ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    ab += x * y, aa += x * x, bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

}  // namespace

TEST_CASE("two pictures are as alike as the copies that fit best") {
  // The query is (1, 0) and its copy (0, 2). Class 0 is (3, 3), copy (1, 1): 45° from both. Class 1 is (-1, 0), copy
  // (-4, 0.0): its best is 90° from the query's copy. Class 2 has a copy along the query's copy.
  const std::vector<float> support{3, 3, 1, 1, -1, 0, -4, 0, -1, 0, 0, 9};
  const auto s = scores(2, support, {0, 1, 2}, 3, {1, 0, 0, 2}, 4);
  CHECK(static_cast<double>(s[0]) == Approx(std::sqrt(0.5)).epsilon(1e-6));
  CHECK(std::abs(s[1]) < 1e-6f);
  CHECK(static_cast<double>(s[2]) == Approx(1).epsilon(1e-6));
}

TEST_CASE("best match follows its formula on random features, several shots and unsorted labels") {
  for (const Index parts : {1, 3}) {
    for (const Index dim : {1, 7, 33}) {
      const Index row = parts * dim;
      const std::vector<Index> label{1, 0, 0, 1, 1};
      const auto support = draw(5 * row, 3), query = draw(4 * row, 4);
      const auto actual = scores(parts, support, label, 2, query, row);
      for (Index q = 0; q < 4; ++q) {
        double expected[2] = {0, 0};
        for (std::size_t i = 0; i < label.size(); ++i) {
          double best = -2;
          for (Index a = 0; a < parts; ++a)
            for (Index b = 0; b < parts; ++b)
              best = std::max(best, cosine(query.data() + q * row + a * dim,
                                           support.data() + static_cast<Index>(i) * row + b * dim, dim));
          expected[label[i]] += best / (label[i] == 0 ? 2 : 3);
        }
        for (Index k = 0; k < 2; ++k)
          CHECK(static_cast<double>(actual[to_size(q * 2 + k)]) == Approx(expected[k]).margin(1e-5));
      }
    }
  }
}

TEST_CASE("best match refuses rows that are not so many copies, and labels that do not fit") {
  const std::vector<float> rows(12, 1.f);
  const auto message = [&](Index parts, const std::vector<Index>& label, Index way, Index row) {
    return sseg_test::message_of([&] { scores(parts, rows, label, way, rows, row); });
  };
  CHECK_THAT(message(5, {0}, 1, 12), sseg_test::Contains("not this many copies"));
  CHECK_THAT(message(0, {0}, 1, 12), sseg_test::Contains("not this many copies"));
  CHECK_THAT(message(2, {0}, 2, 12), sseg_test::Contains("no support image"));
  CHECK_THAT(message(2, {0, 1, 1}, 1, 4), sseg_test::Contains("not one of the classes"));
  CHECK_THAT(message(2, {0, -1, 0}, 1, 4), sseg_test::Contains("not one of the classes"));
  std::vector<float> out(12);
  const std::vector<Index> label{0};
  const BestMatch two{2};
  CHECK_THAT(sseg_test::message_of([&] {
               two.classify({{rows.data(), {1, 4}}, label, 1, {rows.data(), {1, 6}}}, {out.data(), {1, 1}});
             }),
             sseg_test::Contains("not this many copies"));
  CHECK_THAT(sseg_test::message_of([&] {
               two.classify({{rows.data(), {3, 4}}, label, 1, {rows.data(), {3, 4}}}, {out.data(), {3, 1}});
             }),
             sseg_test::Contains("differ in number"));
}

TEST_CASE("a feature that is not a number is not hidden by its copies, and zeros are like nothing") {
  const float nan = std::nanf("");
  const auto s = scores(2, {1, 0, 0, 1, 1, 0, nan, 1}, {0, 1}, 2, {1, 0, 1, 0}, 4);
  CHECK(s[0] == 1);
  CHECK(std::isnan(s[1]));
  CHECK(scores(1, {0, 0, 1, 0}, {0, 1}, 2, {1, 0}, 2) == std::vector<float>{0, 1});
}

}  // namespace best_match_test

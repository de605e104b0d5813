#include "sseg/fewshot/knn_accuracy.hpp"

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "unit/fewshot/random_features.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace knn_accuracy_test {

using sseg::Features;
using sseg::Index;
using sseg::knn_accuracy;
using sseg::to_size;

namespace {

Features rows(const std::vector<float>& values, Index dim) {
  Features f{dim, sseg::Buffer<float>(static_cast<Index>(values.size()))};
  std::copy(values.begin(), values.end(), f.rows.begin());
  return f;
}

}  // namespace

TEST_CASE("leave one out by hand") {
  sseg::Threads threads(2);
  // Directions at 0°, 10°, 90°, 100° and 50°; the nearest other: of 0° 10°, of 90° 100°, of 50° 10° or 90° (as near).
  std::vector<float> at;
  for (const double degrees : {0.0, 10.0, 90.0, 100.0, 50.0}) {
    at.push_back(static_cast<float>(3 * std::cos(degrees * 0.017453292519943295)));
    at.push_back(static_cast<float>(3 * std::sin(degrees * 0.017453292519943295)));
  }
  const Features f = rows(at, 2);
  CHECK(knn_accuracy(threads, f, {0, 0, 1, 1, 5}, {.k = 1}) == 0.8);
  CHECK(knn_accuracy(threads, f, {0, 1, 0, 1, 5}, {.k = 1}) == 0);
  // Without the fifth.
  CHECK(knn_accuracy(threads, f, {0, 0, 1, 1, -1}, {.k = 1}) == 1);
  // All vote: with a temperature so high that all count alike, the one left out is outvoted by the other class.
  CHECK(knn_accuracy(threads, f, {0, 0, 1, 1, -1}, {.k = 100, .temperature = 1000}) == 0);
}

TEST_CASE("an image's own label never helps it, and threads change nothing") {
  sseg::Threads one(1), three(3);
  const Features f = sseg_test::random_features(200, 6);
  std::vector<Index> apart, halves;
  for (Index i = 0; i < 200; ++i) {
    apart.push_back(i);
    halves.push_back(f.rows[i * 6] > 0);
  }
  CHECK(knn_accuracy(one, f, apart) == 0);
  const double seen = knn_accuracy(one, f, halves);
  CHECK(seen > 0.7);
  CHECK(seen == knn_accuracy(three, f, halves));
}

TEST_CASE("what cannot be left out one by one is refused") {
  sseg::Threads threads(1);
  const Features f = sseg_test::random_features(3, 2);
  const auto message = [&](const Features& of, const std::vector<Index>& label) {
    return sseg_test::message_of([&] { knn_accuracy(threads, of, label); });
  };
  CHECK_THAT(message(f, {0, 1}), sseg_test::Contains("differ in number"));
  CHECK_THAT(message(f, {-1, 1, -1}), sseg_test::Contains("not two labelled images"));
  CHECK_THAT(message(rows({1, std::nanf(""), 1, 1}, 2), {0, 1}), sseg_test::Contains("not finite"));
}

}  // namespace knn_accuracy_test

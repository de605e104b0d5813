#include "sseg/ssl/teacher_entropy.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace teacher_entropy_test {

using sseg::EntropyMeter;
using sseg::Index;
using sseg::TeacherEntropy;
using sseg::View;

namespace {

TeacherEntropy entropy(const std::vector<float>& p, Index k, bool logits = false) {
  return EntropyMeter()(View<const float>{p.data(), {static_cast<Index>(p.size()) / k, k}}, logits);
}

}  // namespace

TEST_CASE("uniform, one-hot and balanced teachers have the entropies of their kind") {
  const TeacherEntropy uniform = entropy(std::vector<float>(12, 0.25f), 4);
  CHECK(uniform.each == Approx(1));
  CHECK(uniform.mean == Approx(1));
  const TeacherEntropy constant = entropy({0, 1, 0, 0, 0, 1, 0, 0}, 4);
  CHECK(constant.each == 0);
  CHECK(constant.mean == 0);
  const TeacherEntropy balanced = entropy({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, 4);
  CHECK(balanced.each == 0);
  CHECK(balanced.mean == Approx(1));
  const TeacherEntropy mixed = entropy({0.5f, 0.5f, 0, 1, 0, 0}, 3);
  CHECK(mixed.each == Approx(0.5 * std::log(2.0) / std::log(3.0)));
  CHECK(mixed.mean == Approx(-(0.75 * std::log(0.75) + 0.25 * std::log(0.25)) / std::log(3.0)));
}

TEST_CASE("logits mean their softmax, however large they are") {
  sseg::Rng rng(2);
  std::vector<float> logits(5 * 7), p(5 * 7);
  for (float& v : logits) v = 3 * rng.normal();
  for (std::size_t r = 0; r < 5; ++r) {
    double sum = 0;
    for (std::size_t j = 0; j < 7; ++j) sum += std::exp(static_cast<double>(logits[r * 7 + j]));
    for (std::size_t j = 0; j < 7; ++j)
      p[r * 7 + j] = static_cast<float>(std::exp(static_cast<double>(logits[r * 7 + j])) / sum);
  }
  CHECK(entropy(logits, 7, true).each == Approx(entropy(p, 7).each).epsilon(1e-5));
  CHECK(entropy(logits, 7, true).mean == Approx(entropy(p, 7).mean).epsilon(1e-5));
  const TeacherEntropy hot = entropy({5000, -5000, 0, -5000, 5000, 0}, 3, true);
  CHECK(hot.each == 0);
  CHECK(hot.mean == Approx(std::log(2.0) / std::log(3.0)));
  CHECK(entropy({0, 0, 0, 9, 9, 9}, 3, true).each == Approx(1));
}

TEST_CASE("measuring an entropy again allocates nothing") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  const std::vector<float> p(60, 0.1f);
  EntropyMeter meter;
  meter(View<const float>{p.data(), {6, 10}}, false);
  const long before = malloc_count();
  meter(View<const float>{p.data(), {6, 10}}, true);
  CHECK(malloc_count() == before);
}

TEST_CASE("an entropy refuses a single prototype, and values that are not finite") {
  CHECK_THAT(sseg_test::message_of([] { entropy({1, 1}, 1); }), sseg_test::Contains("two prototypes"));
  for (const bool logits : {false, true})
    CHECK_THAT(sseg_test::message_of([&] {
                 entropy({0.5f, std::numeric_limits<float>::quiet_NaN()}, 2, logits);
               }),
               sseg_test::Contains("not finite"));
}

}  // namespace teacher_entropy_test

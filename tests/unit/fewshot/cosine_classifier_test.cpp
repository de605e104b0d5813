#include "sseg/fewshot/cosine_classifier.hpp"

#include <cmath>
#include <vector>

#include "sseg/core/rng.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "support/catch.hpp"
#include "unit/fewshot/scores_of.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace cosine_classifier_test {

using sseg::CosineClassifier;
using sseg::CosineClassifierLoss;
using sseg::Index;
using sseg_test::scores_of;

namespace {

const std::vector<Index> label{0, 2, 1, 1, 0, 2, 2};

std::vector<double> draw(std::size_t n, std::uint64_t seed) {
  sseg::Rng rng(seed);
  std::vector<double> v(n);
  for (double& x : v) x = static_cast<double>(rng.normal());
  return v;
}

}  // namespace

TEST_CASE("the gradient of the cosine classifier agrees with finite differences") {
  const std::vector<double> x = draw(7 * 5, 1), w = draw(3 * 5, 2);
  CHECK(sseg_test::gradient_error(CosineClassifierLoss{x, label, 3, 5, 4}, w) < 1e-7);
  // A weight of length 0 takes no part.
  std::vector<double> some = w, gradient(w.size(), 9.0);
  std::fill_n(some.begin(), 5, 0.0);
  CosineClassifierLoss{x, label, 3, 5, 4}(some, gradient);
  for (std::size_t d = 0; d < 5; ++d) CHECK(gradient[d] == 0);
}

TEST_CASE("without a step a cosine classifier is scaled cosine prototypes") {
  const std::vector<float> support{4, 0, 1, 0, 3, 1, 3, 4, 0, 0, 5, 2}, query{2, 1, 0, -1, 4, 1};
  const auto s = scores_of(CosineClassifier{.steps = 0}, support, {0, 1, 0, 1}, 2, query, 3);
  const auto p = scores_of(sseg::Prototypes<sseg::CosineSimilarity>{}, support, {0, 1, 0, 1}, 2, query, 3);
  for (std::size_t i = 0; i < s.size(); ++i) CHECK(std::abs(s[i] - 10 * p[i]) < 1e-5f);
}

TEST_CASE("learning separates a support that class means do not") {
  // The mean of class 0 points to (1, 1), as does the first image of class 1.
  const std::vector<float> support{1, 0.05f, 0, 0.05f, 1, 0, 1, 1, 0.8f, 1, 1, 1.2f};
  const std::vector<Index> of{0, 0, 1, 1};
  const auto right = [&](Index steps) {
    const auto s = scores_of(CosineClassifier{.steps = steps}, support, of, 2, support, 3);
    double margin = 0;
    for (std::size_t i = 0; i < of.size(); ++i)
      margin += static_cast<double>(of[i] == 0 ? s[2 * i] - s[2 * i + 1] : s[2 * i + 1] - s[2 * i]);
    return margin;
  };
  CHECK(right(100) > right(0) + 1);
}

TEST_CASE("a cosine classifier takes classes of zeros, says what it is, and refuses what makes no sense") {
  for (const float s : scores_of(CosineClassifier{}, {0, 0, 1, 0}, {0, 1}, 2, {1, 1}, 2)) CHECK(std::isfinite(s));
  CHECK(sseg::describe(CosineClassifier{}) == "cosine classifier, 100 steps at rate 0.05, scale 10");
  for (const CosineClassifier wrong :
       {CosineClassifier{.steps = -1}, CosineClassifier{.rate = 0}, CosineClassifier{.scale = 0}})
    CHECK_THAT(sseg_test::message_of([&] {
                 scores_of(wrong, {1, 0}, {0, 0}, 1, {1}, 1);
               }),
               sseg_test::Contains("evaluation.cosine_classifier"));
}

}  // namespace cosine_classifier_test

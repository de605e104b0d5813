#include "sseg/fewshot/linear_probe.hpp"

#include <cmath>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/fewshot/scores_of.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace linear_probe_test {

using sseg::Index;
using sseg::LinearProbe;
using sseg::LinearProbeLoss;
using sseg::to_size;
using sseg_test::scores_of;

namespace {

const std::vector<float> support{2, 1, 0, 1, 1, 3, 1, 0, 0, 1, 2, 2, 1, 0, 2, 1, 3, 0, 1, 2, 0, 2, 1, 3, 1, 1, 4, 0};
const std::vector<Index> label{0, 0, 1, 1, 2, 2, 2};
const std::vector<float> query{1, 2, 0, 1, 0, 1, 3, 1, 2, 0, 0, 3};

}  // namespace

TEST_CASE("the gradient of logistic regression agrees with finite differences") {
  sseg::Rng rng(1);
  std::vector<double> x(7 * 4), w(3 * 4 + 3);
  for (double& v : x) v = static_cast<double>(rng.normal());
  for (double& v : w) v = static_cast<double>(rng.normal());
  const LinearProbeLoss loss{x, label, 3, 4, 0.7};
  REQUIRE(loss.size() == 15);
  CHECK(sseg_test::gradient_error(loss, w) < 1e-7);
  // At zero all classes are as likely: log 3 for each image, no penalty.
  std::vector<double> zero(15), gradient(15, 9.0);
  CHECK(loss(zero, gradient) == Approx(7 * std::log(3.0)));
}

TEST_CASE("a linear probe gives the logits of scikit-learn's logistic regression") {
  // sklearn 1.9.1: LogisticRegression(C=1/penalty, tol=1e-12, solver='newton-cg') on unit rows; logits less their mean,
  // which the classes' common bias leaves open.
  const std::vector<double> one{0.31227012, -0.48296439, 0.17069427,  -0.46604496, 0.13515379,
                                0.33089117, -0.18708871, -0.18495469, 0.37204341};
  const std::vector<double> hundredth{4.77487099, -6.69635399, 1.921483,    -3.51916852, 2.03382896,
                                      1.48533955, -1.4382603,  -0.30438199, 1.74264229};
  const auto check = [&](double penalty, const std::vector<double>& expected) {
    const auto s = scores_of(LinearProbe{penalty}, support, label, 3, query, 4);
    for (std::size_t q = 0; q < 3; ++q) {
      const double mean = static_cast<double>(s[3 * q] + s[3 * q + 1] + s[3 * q + 2]) / 3;
      for (std::size_t k = 0; k < 3; ++k)
        CHECK(static_cast<double>(s[3 * q + k]) - mean == Approx(expected[3 * q + k]).margin(2e-6));
    }
  };
  check(1, one);
  check(0.01, hundredth);
}

TEST_CASE("two classes of one image each have a closed form") {
  // By symmetry W_0 = −W_1 = a·(x_0 − x_1) and b = 0, with a·penalty = 1 − p and p = 1/(1 + exp(−a·d²)), d² = |x_0 −
  // x_1|².
  const auto s = scores_of(LinearProbe{0.5}, {1, 0, 0, 1}, {0, 1}, 2, {2, 0, 1, 1}, 2);
  double a = 0;
  for (int i = 0; i < 200; ++i) a = 0.5 * a + 0.5 * (1 / (1 + std::exp(a * 2))) / 0.5;
  CHECK(static_cast<double>(s[0]) == Approx(a).margin(1e-6));
  CHECK(static_cast<double>(s[1]) == Approx(-a).margin(1e-6));
  CHECK(std::abs(s[2]) < 1e-6f);
}

TEST_CASE("a linear probe does not mind copies of an image nor zeros") {
  const auto s = scores_of(LinearProbe{}, {1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0}, {0, 0, 1, 1}, 2, {1, 0, 0, 0, 1, 0}, 3);
  CHECK(s[0] > s[1]);
  CHECK(s[2] < s[3]);
  for (const float v : scores_of(LinearProbe{}, {0, 0, 0, 0}, {0, 1}, 2, {1, 1}, 2)) CHECK(std::abs(v) < 1e-6f);
}

TEST_CASE("a linear probe says what it is and refuses a penalty that is none") {
  CHECK(sseg::describe(LinearProbe{}) == "linear probe, logistic regression, L2 penalty 1");
  CHECK(sseg::describe(LinearProbe{0.1}) == "linear probe, logistic regression, L2 penalty 0.1");
  for (const double penalty : {0.0, -1.0, 1e7, std::nan("")})
    CHECK_THAT(sseg_test::message_of([&] {
                 scores_of(LinearProbe{penalty}, {1, 0}, {0, 0}, 1, {1}, 1);
               }),
               sseg_test::Contains("evaluation.linear_probe.penalty"));
}

}  // namespace linear_probe_test

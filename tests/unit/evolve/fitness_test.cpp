#include <cmath>
#include <vector>

#include "sseg/core/rng.hpp"
#include "sseg/evolve/fitness.hpp"
#include "sseg/evolve/mean_t95.hpp"
#include "sseg/evolve/paired_difference.hpp"
#include "support/catch.hpp"

namespace fitness_test {

using namespace sseg;

TEST_CASE("Fitness is gain per log cost, with a floor under the cost") {
  const Fitness fitness{.floor = 0.01};
  CHECK(fitness(0.5, 0.6, 100, 200) == Approx(0.1 / std::log(2.)));
  CHECK(fitness(0.6, 0.5, 100, 200) < 0);
  CHECK(fitness(0.5, 0.6, 100, 100) == Approx(10));
  CHECK(fitness(0.5, 0.6, 200, 100) == Approx(10));  // cheaper is not rewarded beyond the floor
  CHECK_THROWS_AS(fitness(0, 1, 0, 10), Error);
  CHECK_THROWS_AS((Fitness{.floor = 0}(0, 1, 10, 10)), Error);
}

TEST_CASE("Student's quantiles are those of the tables") {
  const std::vector<std::pair<Index, double>> table{{1, 12.7062},  {2, 4.30265},  {3, 3.18245},  {4, 2.77645},
                                                    {5, 2.57058},  {6, 2.44691},  {9, 2.26216},  {10, 2.22814},
                                                    {20, 2.08596}, {29, 2.04523}, {30, 2.04227}, {100, 1.98397}};
  for (const auto& [degrees, t] : table) CHECK(student_t(0.95, degrees) == Approx(t).epsilon(2e-6));
  CHECK(student_t(0.99, 7) == Approx(3.49948).epsilon(2e-6));
  CHECK(student_t(0.95, 100000) == Approx(1.95999).epsilon(1e-4));
  CHECK(student_t_within(student_t(0.8, 13), 13) == Approx(0.8));
  CHECK_THROWS_AS(student_t(0.95, 0), Error);
  CHECK_THROWS_AS(student_t(1, 5), Error);
}

TEST_CASE("A paired difference is the mean of the differences with Student's interval") {
  const std::vector<double> a{1, 2, 4}, b{0, 2, 1};  // differences 1, 0, 3
  const auto d = paired_difference(a, b);
  CHECK(d.n == 3);
  CHECK(d.mean == Approx(4. / 3));
  const double s = std::sqrt((1. / 9 + 16. / 9 + 25. / 9) / 2);
  CHECK(d.half_width95 == Approx(4.30265 * s / std::sqrt(3.)).epsilon(1e-5));
  CHECK_FALSE(d.differs());
  const std::vector<double> c{10, 12.1, 10.9};
  CHECK(paired_difference(c, b).differs());
  CHECK(paired_difference(b, c).differs());
  CHECK_THROWS_AS(paired_difference(a, std::vector<double>{1, 2}), Error);
  CHECK_THROWS_AS(paired_difference(std::vector<double>{1}, std::vector<double>{1}), Error);
}

TEST_CASE("Nineteen of twenty intervals hold the true difference") {
  Index held = 0;
  const Index runs = 2000;
  Rng rng(4);
  for (Index r = 0; r < runs; ++r) {
    std::vector<double> a, b;
    for (int i = 0; i < 5; ++i) {
      b.push_back(static_cast<double>(rng.normal()));
      a.push_back(b.back() + 0.3 + static_cast<double>(rng.normal()));
    }
    const auto d = paired_difference(a, b);
    held += std::abs(d.mean - 0.3) <= d.half_width95;
  }
  CHECK(held > runs * 93 / 100);
  CHECK(held < runs * 97 / 100);
}

TEST_CASE("the mean of a few values has Student's interval") {
  // s² = 0.2/3 as in the test of mean_ci95; t of three degrees of freedom is 3.18245.
  const auto four = mean_t95(std::vector<double>{0.2, 0.4, 0.6, 0.8});
  CHECK(four.mean == Approx(0.5));
  CHECK(four.half_width == Approx(3.18245 * 0.1290994449));
  CHECK(four.count == 4);
  CHECK(mean_t95(std::vector<double>{3}).half_width == 0);
  CHECK(mean_t95({}).count == 0);
}

}  // namespace fitness_test

#include "sseg/fewshot/lbfgs.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace lbfgs_test {

using sseg::Index;
using sseg::Lbfgs;

namespace {

/// Σ_i weight_i (x_i − i)²/2 with weights from 1 to 1000.
struct Bowl {
  double operator()(std::span<const double> x, std::span<double> gradient) const {
    double value = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double weight = std::pow(10, 3 * static_cast<double>(i) / static_cast<double>(x.size() - 1));
      const double off = x[i] - static_cast<double>(i);
      value += weight * off * off / 2;
      gradient[i] = weight * off;
    }
    return value;
  }
};

/// Rosenbrock (1960): a bent valley; the minimum is at (1, 1).
struct Valley {
  double operator()(std::span<const double> x, std::span<double> g) const {
    const double a = 1 - x[0], b = x[1] - x[0] * x[0];
    g[0] = -2 * a - 400 * x[0] * b;
    g[1] = 200 * b;
    return a * a + 100 * b * b;
  }
};

}  // namespace

TEST_CASE("L-BFGS finds the bottom of a long bowl and of a bent valley") {
  std::vector<double> x(20, -3.0);
  const auto bowl = Lbfgs{}.minimise(Bowl{}, x);
  CHECK(bowl.converged);
  CHECK(bowl.steepest <= 1e-8);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(static_cast<double>(i)).margin(1e-7));
  std::vector<double> y{-1.2, 1};
  CHECK(Lbfgs{}.minimise(Valley{}, y).converged);
  CHECK(y[0] == Approx(1).margin(1e-7));
  CHECK(y[1] == Approx(1).margin(1e-7));
}

TEST_CASE("L-BFGS never ends higher than it began, and says when it has not converged") {
  std::vector<double> x{-1.2, 1}, unused(2);
  const double start = Valley{}(x, unused);
  const auto few = Lbfgs{.max_iterations = 5}.minimise(Valley{}, x);
  CHECK_FALSE(few.converged);
  CHECK(few.iterations == 5);
  CHECK(few.value < start);
  CHECK(few.value == Valley{}(x, unused));
  // At the bottom already.
  std::vector<double> at{1, 1};
  CHECK(Lbfgs{}.minimise(Valley{}, at).iterations == 0);
  CHECK(at == std::vector<double>{1, 1});
}

TEST_CASE("L-BFGS ends on functions that are not numbers or have no bottom") {
  const auto nothing = [](std::span<const double>, std::span<double> g) {
    g[0] = std::numeric_limits<double>::quiet_NaN();
    return g[0];
  };
  std::vector<double> x{2};
  CHECK_FALSE(Lbfgs{}.minimise(nothing, x).converged);
  CHECK(x[0] == 2);
  const auto half = [](std::span<const double>, std::span<double> g) {
    g[0] = std::numeric_limits<double>::quiet_NaN(), g[1] = 0;
    return 1.0;
  };
  std::vector<double> two{2, 3};
  CHECK_FALSE(Lbfgs{}.minimise(half, two).converged);
  const auto slope = [](std::span<const double> at, std::span<double> g) {
    g[0] = -1;
    return -at[0];
  };
  CHECK_FALSE(Lbfgs{}.minimise(slope, x).converged);
}

}  // namespace lbfgs_test

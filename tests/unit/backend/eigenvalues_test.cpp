#include "sseg/backend/cpu/eigenvalues.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace eigenvalues_test {

using sseg::Index;
using sseg::Rng;
using sseg::to_size;

namespace {

std::vector<double> eigenvalues(std::vector<double> a, Index n) {
  std::vector<double> values(to_size(n), -77.0);
  sseg::cpu::symmetric_eigenvalues(a.data(), n, values.data());
  return values;
}

/// A symmetric matrix with these eigenvalues: diag turned by many random plane rotations.
std::vector<double> turned(const std::vector<double>& values, Rng rng) {
  const auto n = static_cast<Index>(values.size());
  std::vector<double> a(to_size(n * n));
  for (Index i = 0; i < n; ++i) a[to_size(i * n + i)] = values[to_size(i)];
  for (Index turn = 0; turn < 6 * n && n > 1; ++turn) {
    const Index i = rng.below(n), j = (i + 1 + rng.below(n - 1)) % n;
    const double angle = static_cast<double>(rng.uniform(0.f, 6.28f)), c = std::cos(angle), s = std::sin(angle);
    const auto rotate = [&](Index step_k, Index step_ij) {
      for (Index k = 0; k < n; ++k) {
        double &x = a[to_size(k * step_k + i * step_ij)], &y = a[to_size(k * step_k + j * step_ij)];
        const double was = x;
        x = c * was + s * y;
        y = c * y - s * was;
      }
    };
    rotate(1, n);
    rotate(n, 1);
  }
  return a;
}

}  // namespace

TEST_CASE("eigenvalues of turned diagonal matrices are found, ascending") {
  Rng rng(3);
  for (const Index n : {1, 2, 3, 4, 7, 16, 41}) {
    INFO("n=" << n);
    std::vector<double> values(to_size(n));
    for (double& v : values) v = static_cast<double>(rng.uniform(-3.f, 9.f));
    if (n > 3) values[1] = values[2] = values[0];  // repeated
    const auto a = turned(values, rng.split("turns"));
    const auto found = eigenvalues(a, n);
    std::sort(values.begin(), values.end());
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(found[i] == Approx(values[i]).margin(1e-11));
  }
}

TEST_CASE("small eigenvalues beside large ones keep their absolute accuracy") {
  std::vector<double> values{1e-9, 1e-3, 1, 1000};
  const auto found = eigenvalues(turned(values, Rng(4)), 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(found[i] == Approx(values[i]).margin(1e-11));
}

TEST_CASE("a matrix that is all but tridiagonal loses no digits") {
  const double tiny = 1e-6;  // 1 + tiny² rounds: the reflection must not subtract
  for (const double sign : {1.0, -1.0}) {
    const std::vector<double> a{3, sign, tiny, sign, 2, 0.5, tiny, 0.5, -1};
    const auto found = eigenvalues(a, 3);
    double trace = 0, squares = 0, wanted = 0;
    for (const double v : found) trace += v, squares += v * v;
    for (const double v : a) wanted += v * v;
    CHECK(trace == Approx(4).margin(1e-12));
    CHECK(squares == Approx(wanted).margin(1e-12));
  }
}

TEST_CASE("the eigenvalues of a chain are its cosines") {
  const Index n = 29;
  std::vector<double> a(to_size(n * n));
  for (Index i = 0; i + 1 < n; ++i) a[to_size(i * n + i + 1)] = a[to_size((i + 1) * n + i)] = 1;
  const auto found = eigenvalues(a, n);
  for (Index k = 1; k <= n; ++k)
    CHECK(found[to_size(n - k)] ==
          Approx(2 * std::cos(std::numbers::pi * static_cast<double>(k) / static_cast<double>(n + 1))).margin(1e-12));
}

TEST_CASE("a matrix of zeros has zeros, and one without rows has none") {
  CHECK(eigenvalues(std::vector<double>(25), 5) == std::vector<double>(5));
  CHECK(eigenvalues({}, 0).empty());
  CHECK(eigenvalues({-4.5}, 1) == std::vector<double>{-4.5});
}

TEST_CASE("numbers that are not finite are refused before the search for eigenvalues") {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK_THAT(sseg_test::message_of([&] { eigenvalues({1, bad, bad, 1}, 2); }), sseg_test::Contains("not finite"));
}

}  // namespace eigenvalues_test

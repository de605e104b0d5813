#include "sseg/ssl/feature_spread.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace feature_spread_test {

using sseg::FeatureSpread;
using sseg::Index;
using sseg::Rng;
using sseg::SpreadMeter;
using sseg::to_size;
using sseg::View;

namespace {

template <class T>
FeatureSpread spread(const std::vector<T>& z, Index cols) {
  return SpreadMeter()(View<const T>{z.data(), {static_cast<Index>(z.size()) / cols, cols}});
}
std::vector<float> gaussian(Index count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> z(to_size(count));
  for (float& v : z) v = rng.normal();
  return z;
}

/// `times[d]` rows along +e_d and as many along −e_d, of any lengths: mean 0, σ_d = √(2·times[d]).
std::vector<float> along_axes(const std::vector<Index>& times, Index cols) {
  std::vector<float> z;
  Rng rng(8);
  for (std::size_t d = 0; d < times.size(); ++d)
    for (Index r = 0; r < 2 * times[d]; ++r) {
      std::vector<float> row(to_size(cols));
      row[d] = rng.uniform(0.1f, 30.f) * (r % 2 == 0 ? 1.f : -1.f);
      z.insert(z.end(), row.begin(), row.end());
    }
  return z;
}

}  // namespace

TEST_CASE("an isotropic Gaussian has spread 1 and uses every dimension") {
  for (const Index cols : {3, 16}) {
    const FeatureSpread s = spread(gaussian(600 * cols, 1), cols);
    CHECK(s.std == Approx(1).epsilon(0.01));
    CHECK(s.effective_rank == Approx(static_cast<double>(cols)).epsilon(0.01));
  }
}

TEST_CASE("rows that point the same way have no spread, whatever their lengths") {
  std::vector<float> z;
  for (Index r = 0; r < 9; ++r)
    for (const float v : {0.5f, -2.f, 0.25f, 3.f}) z.push_back(v * static_cast<float>(1 << r));
  CHECK(spread(z, 4).std == 0);
  CHECK(spread(z, 4).effective_rank == 0);
  CHECK(spread(std::vector<float>(12), 4).std == 0);  // dead: all zero
}

TEST_CASE("spread and effective rank equal their closed forms") {
  const std::vector<Index> times{1, 4, 9};  // σ = √2·(1, 2, 3)
  const double p[3]{1.0 / 6, 2.0 / 6, 3.0 / 6};
  double entropy = 0;
  for (const double q : p) entropy -= q * std::log(q);
  for (const Index cols : {3, 7, 40}) {  // more rows than columns, and fewer: both ways to the singular values
    INFO("columns " << cols);
    const FeatureSpread s = spread(along_axes(times, cols), cols);
    CHECK(s.effective_rank == Approx(std::exp(entropy)).epsilon(1e-6));
    const double d = static_cast<double>(cols);
    CHECK(s.std == Approx(std::sqrt(d) * std::sqrt(2.0 / 28) * (1 + 2 + 3) / d).epsilon(1e-6));
  }
}

TEST_CASE("features along one line have effective rank 1") {
  const FeatureSpread s = spread(along_axes({10}, 6), 6);
  CHECK(s.effective_rank == Approx(1).epsilon(1e-6));
  CHECK(s.std == Approx(std::sqrt(6.0) / 6));
}

TEST_CASE("what all rows share is no spread: it is taken off before the rank") {
  auto z = gaussian(80 * 5, 3);
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = 0.01f * z[i] + (i % 5 == 2 ? 1.f : 0.f);
  const FeatureSpread s = spread(z, 5);
  CHECK(s.std < 0.03);
  CHECK(s.effective_rank == Approx(4).epsilon(0.02));  // none along the mean itself
}

TEST_CASE("a spread does not depend on the scalar, nor on what was measured before") {
  const auto z = gaussian(33 * 7, 4);
  const std::vector<double> zd(z.begin(), z.end());
  SpreadMeter meter;
  const auto big = gaussian(50 * 60, 5);
  meter(View<const float>{big.data(), {50, 60}});
  const FeatureSpread again = meter(View<const float>{z.data(), {33, 7}}), fresh = spread(z, 7), wide = spread(zd, 7);
  CHECK(again.std == fresh.std);
  CHECK(again.effective_rank == fresh.effective_rank);
  CHECK(wide.std == fresh.std);
  CHECK(wide.effective_rank == fresh.effective_rank);
}

TEST_CASE("measuring again allocates only what Eigen does") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  const auto z = gaussian(40 * 64, 4);
  SpreadMeter meter;
  meter(View<const float>{z.data(), {40, 64}});
  const long before = malloc_count();
  meter(View<const float>{z.data(), {40, 64}});
  CHECK(malloc_count() - before <= 8);
}

TEST_CASE("a spread refuses single rows, and features that are not finite") {
  using sseg_test::message_of;
  const std::vector<float> one{1, 2, 3};
  CHECK_THAT(message_of([&] { spread(one, 3); }), sseg_test::Contains("two rows"));
  CHECK_THAT(message_of([&] {
               SpreadMeter()(View<const float>{one.data(), sseg::Shape{3}});
             }),
             sseg_test::Contains("two rows"));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    CHECK_THAT(message_of([&] { spread(std::vector<float>{1, bad, 3, 4}, 2); }), sseg_test::Contains("not finite"));
}

}  // namespace feature_spread_test

#include "sseg/ssl/nt_xent.hpp"

#include <cmath>
#include <vector>

#include "sseg/augment/two_views.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace nt_xent_test {

using sseg::Cpu;
using sseg::Index;
using sseg::NtXent;
using sseg::Reference;
using sseg::Rng;
using sseg::Shape;
using sseg::to_size;

static_assert(sseg::LossTerm<NtXent, Reference<double>> && sseg::LossTerm<NtXent, Cpu>);

namespace {

template <class T>
std::vector<T> random_rows(Index rows, Index cols, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<T> z(to_size(rows * cols));
  for (T& v : z) v = static_cast<T>(rng.normal());
  return z;
}

std::vector<Index> pairs(Index rows) {
  std::vector<Index> positive;
  for (Index r = 0; r < rows; ++r) positive.push_back(sseg::TwoViews::positive(r, rows));
  return positive;
}

/// Chen et al. 2020, eq. 1, as it stands there.
template <class T>
double by_the_book(const std::vector<T>& z, Index cols, double temperature) {
  const auto rows = static_cast<Index>(z.size()) / cols;
  const auto cosine = [&](Index i, Index k) {
    double dot = 0, a = 0, b = 0;
    for (Index d = 0; d < cols; ++d) {
      const auto x = static_cast<double>(z[to_size(i * cols + d)]), y = static_cast<double>(z[to_size(k * cols + d)]);
      dot += x * y;
      a += x * x;
      b += y * y;
    }
    return dot / std::sqrt(a * b);
  };
  double loss = 0;
  for (Index i = 0; i < rows; ++i) {
    double others = 0;
    for (Index k = 0; k < rows; ++k)
      if (k != i) others += std::exp(cosine(i, k) / temperature);
    loss -= std::log(std::exp(cosine(i, (i + rows / 2) % rows) / temperature) / others);
  }
  return loss / static_cast<double>(rows);
}

template <class T>
struct Result {
  double loss;
  std::vector<T> dz;
};

template <class B, class T = typename B::Scalar>
Result<T> evaluate(B& backend, const std::vector<T>& z, Index cols, float temperature) {
  const Shape shape{static_cast<Index>(z.size()) / cols, cols};
  const NtXent loss{temperature};
  Result<T> out{0, std::vector<T>(z.size(), T(99))};
  std::vector<T> scratch(to_size(loss.scratch(shape)) + 1, T(-7));
  const std::vector<Index> positive = pairs(shape[0]);
  out.loss = loss(backend, {{z.data(), shape}, {out.dz.data(), shape}, positive, {scratch.data(), scratch.size() - 1}});
  REQUIRE(scratch.back() == T(-7));
  return out;
}

const float temperatures[] = {0.07f, 0.2f, 0.5f, 1.f};
struct Size {
  Index rows, cols;
};
const Size sizes[] = {{4, 1}, {4, 3}, {6, 7}, {14, 5}, {22, 13}};

}  // namespace

TEST_CASE("NT-Xent has the value of its formula") {
  Reference<double> backend;
  for (const auto& [rows, cols] : sizes)
    for (const float t : temperatures) {
      const auto z = random_rows<double>(rows, cols, 1);
      CHECK(evaluate(backend, z, cols, t).loss ==
            Approx(by_the_book(z, cols, static_cast<double>(t))).epsilon(1e-11).margin(1e-13));
    }
}

TEST_CASE("the gradient of NT-Xent is that of its value") {
  Reference<double> backend;
  for (const auto& [rows, cols] : sizes)
    for (const float t : temperatures) {
      auto z = random_rows<double>(rows, cols, 2);
      const auto dz = evaluate(backend, z, cols, t).dz;
      double most = 0;
      for (std::size_t i = 0; i < z.size(); ++i) {
        const double kept = z[i], h = 1e-5 * std::max(0.1, std::abs(kept));
        z[i] = kept + h;
        const double above = by_the_book(z, cols, static_cast<double>(t));
        z[i] = kept - h;
        const double below = by_the_book(z, cols, static_cast<double>(t));
        z[i] = kept;
        most = std::max(most, std::abs(dz[i] - (above - below) / (2 * h)));
      }
      CHECK(most < 1e-6);
    }
}

TEST_CASE("the CPU backend agrees on NT-Xent") {
  Cpu cpu(2);
  Reference<double> reference;
  for (const auto& [rows, cols] : {Size{4, 3}, Size{6, 7}, Size{22, 13}, Size{66, 33}, Size{130, 128}})
    for (const float t : temperatures) {
      const auto z = random_rows<float>(rows, cols, 3);
      const auto expected = evaluate(reference, std::vector<double>(z.begin(), z.end()), cols, t);
      const auto actual = evaluate(cpu, z, cols, t);
      // A loss near 0 is the difference of logits as large as 1/t.
      CHECK(actual.loss == Approx(expected.loss).margin(1e-6 / static_cast<double>(t)));
      double largest = 0, difference = 0;
      for (std::size_t i = 0; i < z.size(); ++i) {
        largest = std::max(largest, std::abs(expected.dz[i]));
        difference = std::max(difference, std::abs(expected.dz[i] - static_cast<double>(actual.dz[i])));
      }
      CHECK(difference < 2e-5 * largest);
    }
}

TEST_CASE("NT-Xent of more rows than it looks at at once is the same loss, and so is its gradient") {
  constexpr Index rows = 2 * sseg::rows_at_once + 76, cols = 3;
  CHECK(NtXent{}.scratch({rows, cols}) < rows * rows / 2);
  Reference<double> reference;
  Cpu cpu(2);
  const double t = static_cast<double>(0.2f);
  const auto z = random_rows<double>(rows, cols, 4), along = random_rows<double>(rows, cols, 5);
  const auto exact = evaluate(reference, z, cols, 0.2f);
  CHECK(exact.loss == Approx(by_the_book(z, cols, t)).epsilon(1e-11));
  const auto shifted = [&](double h) {
    auto there = z;
    for (std::size_t i = 0; i < z.size(); ++i) there[i] += h * along[i];
    return by_the_book(there, cols, t);
  };
  double slope = 0;
  for (std::size_t i = 0; i < z.size(); ++i) slope += exact.dz[i] * along[i];
  CHECK(slope == Approx((shifted(1e-5) - shifted(-1e-5)) / 2e-5).epsilon(1e-6));
  const auto single = evaluate(cpu, std::vector<float>(z.begin(), z.end()), cols, 0.2f);
  CHECK(single.loss == Approx(exact.loss).epsilon(1e-5));
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    largest = std::max(largest, std::abs(exact.dz[i]));
    difference = std::max(difference, std::abs(exact.dz[i] - static_cast<double>(single.dz[i])));
  }
  CHECK(difference < 2e-5 * largest);
}

TEST_CASE("the length of a row changes nothing but the length of its gradient") {
  Reference<double> backend;
  const Index cols = 5;
  const auto z = random_rows<double>(8, cols, 4);
  auto scaled = z;
  for (std::size_t i = 0; i < z.size(); ++i) scaled[i] *= 0.01 * static_cast<double>(1 + 7 * (i / cols));
  const auto a = evaluate(backend, z, cols, 0.2f), b = evaluate(backend, scaled, cols, 0.2f);
  CHECK(b.loss == Approx(a.loss).epsilon(1e-12));
  for (std::size_t i = 0; i < z.size(); ++i)
    CHECK(b.dz[i] * 0.01 * static_cast<double>(1 + 7 * (i / cols)) == Approx(a.dz[i]).epsilon(1e-9).margin(1e-14));
  for (std::size_t r = 0; r < 8; ++r) {
    double along = 0;
    for (std::size_t d = 0; d < 5; ++d) along += a.dz[r * 5 + d] * z[r * 5 + d];
    CHECK(along == Approx(0).margin(1e-14));
  }
}

TEST_CASE("NT-Xent is small where positives coincide, and log(rows - 1) where all rows do") {
  Reference<double> backend;
  const std::vector<double> apart{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1};
  CHECK(evaluate(backend, apart, 3, 0.1f).loss == Approx(std::log(1 + 4 * std::exp(-10.0))).epsilon(1e-5));
  const std::vector<double> same(6 * 3, 0.5);
  CHECK(evaluate(backend, same, 3, 0.1f).loss == Approx(std::log(5.0)).epsilon(1e-12));
}

TEST_CASE("NT-Xent refuses a batch of one image") {
  Reference<double> backend;
  const auto z = random_rows<double>(2, 3, 5);
  CHECK_THAT(sseg_test::message_of([&] { evaluate(backend, z, 3, 0.1f); }), sseg_test::Contains("two images"));
}

TEST_CASE("NT-Xent of parts of the rows adds up to that of all, in value and gradient") {
  const Index rows = 12, cols = 5, part = 4;
  const NtXent loss{0.3f};
  Reference<double> backend;
  // Rows as three processes have them: two views of two images each.
  const std::vector<double> z = random_rows<double>(rows, cols, 4);
  std::vector<Index> positive;
  for (Index r = 0; r < rows; ++r) positive.push_back(r / part * part + (r % part + 2) % part);
  std::vector<double> want(z.size()), dz(z.size()), sum(z.size()), scratch(to_size(loss.scratch({rows, cols})));
  const double whole = loss(
      backend,
      sseg::LossArgs<double>{
          .z = {z.data(), {rows, cols}}, .dz = {want.data(), {rows, cols}}, .positive = positive, .scratch = scratch});
  double value = 0;
  const sseg::View<const double> all{z.data(), {rows, cols}};
  const auto each_part = [&](auto&& f) {
    for (Index first = 0; first < rows; first += part) {
      std::vector<double> space(to_size(loss.part_scratch({part, cols}, {rows, cols}))), d_unit(z.size());
      sseg::LossArgs<double> a{.z = {z.data() + first * cols, {part, cols}},
                               .dz = {dz.data() + first * cols, {part, cols}},
                               .positive = positive,
                               .scratch = space};
      const sseg::View<double> d{d_unit.data(), {rows, cols}};
      const double share = loss.part(backend, a, all, first, d);
      f(a, first, d, share);
    }
  };
  each_part([&](const auto&, Index, const auto& d, double share) {
    value += share;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += d.data[i];
  });
  each_part([&](const auto& a, Index first, const auto&, double) {
    loss.finish_part(backend, a, all, first, {sum.data(), {rows, cols}});
  });
  CHECK(value == Approx(whole).epsilon(1e-12));
  for (std::size_t i = 0; i < want.size(); ++i) CHECK(dz[i] == Approx(want[i]).epsilon(1e-9).margin(1e-12));
  each_part([&](const auto& a, Index first, const auto& d, double) {
    sseg::LossArgs<double> few = a;
    few.z.shape = {2, cols};
    CHECK_THROWS_WITH(loss.part(backend, few, {z.data(), {2, cols}}, first, d),
                      Catch::Matchers::Contains("at least two images"));
  });
}

}  // namespace nt_xent_test

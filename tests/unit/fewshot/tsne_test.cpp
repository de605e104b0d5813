#include "sseg/fewshot/tsne.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include "support/catch.hpp"
#include "unit/fewshot/random_features.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace tsne_test {

using sseg::Features;
using sseg::Index;
using sseg::Rng;
using sseg::Threads;
using sseg::to_size;
using sseg::tsne;
using sseg::TsneMap;

namespace {

constexpr Index clusters = 3, each = 25;

/// Row i lies about the corner i % clusters of a simplex.
Features clustered(Index dim = 8) {
  Features f{dim, sseg::Buffer<float>(clusters * each * dim)};
  Rng rng(4);
  for (Index i = 0; i < f.size(); ++i)
    for (Index d = 0; d < dim; ++d) f.rows[i * dim + d] = rng.normal() + (d == i % clusters ? 12.f : 0.f);
  return f;
}

double apart(const TsneMap& m, Index i, Index j) {
  return std::hypot(m.at(i, 0) - m.at(j, 0), m.at(i, 1) - m.at(j, 1));
}

double entropy(const std::vector<double>& p) {
  double sum = 0;
  for (const double one : p) sum -= one > 0 ? one * std::log(one) : 0;
  return sum;
}

}  // namespace

TEST_CASE("the neighbours of a row have the perplexity that was asked for, whatever the scale") {
  Rng rng(2);
  for (const double scale : {1e-60, 1., 1e60}) {
    std::vector<double> square(100);
    for (double& s : square) s = scale * static_cast<double>(rng.uniform(1, 50));
    square[7] = 0;
    for (const double wanted : {2., 12., 33.}) {
      const auto p = sseg::detail::near_rows(square, 7, wanted);
      CHECK(p[7] == 0);
      CHECK(std::accumulate(p.begin(), p.end(), 0.) == Approx(1));
      CHECK(std::exp(entropy(p)) == Approx(wanted).epsilon(1e-8));
    }
  }
  // Ten rows equally near cannot count as two: all of them do.
  std::vector<double> square(30, 4.);
  std::fill_n(square.begin() + 1, 10, 1.);
  square[0] = 0;
  CHECK(std::exp(entropy(sseg::detail::near_rows(square, 0, 2))) == Approx(10));
}

TEST_CASE("the neighbours of all rows are symmetric and of sum 1") {
  Threads threads(2);
  const auto p = sseg::detail::tsne_neighbours(threads, sseg_test::random_features(20, 3), 5);
  CHECK(std::accumulate(p.begin(), p.end(), 0.) == Approx(1));
  for (std::size_t i = 0; i < 20; ++i)
    for (std::size_t j = 0; j < 20; ++j) CHECK(p[i * 20 + j] == p[j * 20 + i]);
}

TEST_CASE("a step goes down the gradient of the divergence") {
  Threads threads(1);
  constexpr Index n = 12;
  const auto p = sseg::detail::tsne_neighbours(threads, sseg_test::random_features(n, 4), 3);
  std::vector<double> y(2 * n);
  Rng rng(9);
  for (double& one : y) one = static_cast<double>(rng.normal());
  double mean[2]{};
  for (std::size_t k = 0; k < y.size(); ++k) mean[k % 2] += y[k] / n;
  for (std::size_t k = 0; k < y.size(); ++k) y[k] -= mean[k % 2];
  const auto divergence = [&](std::vector<double> at) {
    return sseg::detail::TsneDescent(threads, p, std::move(at)).divergence();
  };
  sseg::detail::TsneDescent descent(threads, p, y);
  descent.step(1, 0.5, 0.25);
  for (std::size_t k = 0; k < y.size(); ++k) {
    auto above = y, below = y;
    above[k] += 1e-5, below[k] -= 1e-5;
    const double gradient = (divergence(above) - divergence(below)) / 2e-5;
    CHECK((y[k] - descent.place()[k]) / 0.25 == Approx(gradient).margin(1e-8));
  }
  // By hand: all p are 1/6 of three rows, and so are all q of an even triangle.
  const std::vector<double> even{0, 0, 1, 0, 0.5, std::sqrt(0.75)};
  std::vector<double> sixth(9, 1. / 6);
  CHECK(sseg::detail::TsneDescent(threads, sixth, even).divergence() == Approx(0).margin(1e-12));
}

TEST_CASE("the divergence falls, and clusters stay apart") {
  Threads threads(2);
  const Features f = clustered();
  const auto after = [&](Index steps) { return tsne(threads, f, {.perplexity = 10, .steps = steps}); };
  const TsneMap start = after(0), early = after(120), map = after(1000);
  CHECK(early.divergence < start.divergence);
  CHECK(map.divergence < 0.5 * start.divergence);
  CHECK(map.perplexity == 10);
  double widest = 0, closest = 1e9, mean[2]{};
  for (Index i = 0; i < f.size(); ++i) {
    for (Index a = 0; a < 2; ++a) mean[a] += map.at(i, a) / static_cast<double>(f.size());
    for (Index j = 0; j < i; ++j)
      if (i % clusters == j % clusters)
        widest = std::max(widest, apart(map, i, j));
      else
        closest = std::min(closest, apart(map, i, j));
  }
  CHECK(2 * widest < closest);
  CHECK((std::abs(mean[0]) < 1e-9 && std::abs(mean[1]) < 1e-9));
}

TEST_CASE("any number of threads makes the same bits") {
  Threads one(1), three(3);
  const Features f = clustered(5);
  CHECK(tsne(one, f, {.steps = 60}).place == tsne(three, f, {.steps = 60}).place);
  CHECK(tsne(one, f, {.steps = 0}).perplexity == Approx((clusters * each - 1) / 3.));  // at most a third of the others
}

TEST_CASE("rows that are alike, or on a line, have a finite map, and what has none is refused") {
  Threads threads(1);
  Features same{2, sseg::Buffer<float>(20)};
  std::fill(same.rows.begin(), same.rows.end(), 3.f);
  Features line{1, sseg::Buffer<float>(4)};
  for (Index i = 0; i < 4; ++i) line.rows[i] = static_cast<float>(i);
  for (const Features& f : {same, line})
    for (const double y : tsne(threads, f, {.steps = 300}).place) CHECK(std::isfinite(y));

  const auto message = [&](const Features& f, const sseg::TsneConfig& c = {}) {
    return sseg_test::message_of([&] { tsne(threads, f, c); });
  };
  CHECK_THAT(message(sseg_test::random_features(3, 2)), sseg_test::Contains("too few rows or too many"));
  CHECK_THAT(message(sseg_test::random_features(4097, 1)), sseg_test::Contains("too few rows or too many"));
  CHECK_THAT(message(same, {.perplexity = 0}), sseg_test::Contains("a positive perplexity"));
  same.rows[3] = std::nanf("");
  CHECK_THAT(message(same), sseg_test::Contains("not finite"));
}

}  // namespace tsne_test

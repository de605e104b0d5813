#include "sseg/fewshot/support_span.hpp"

#include <cmath>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"

namespace support_span_test {

using sseg::Index;
using sseg::SupportSpan;
using sseg::to_size;

namespace {

std::vector<float> draw(Index n, std::uint64_t seed) {
  sseg::Rng rng(seed);
  std::vector<float> v(to_size(n));
  for (float& x : v) x = rng.normal();
  return v;
}

double inner(const float* a, const float* b, Index n) {
  double sum = 0;
  for (Index i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

}  // namespace

TEST_CASE("coordinates keep every inner product with a row of the span") {
  constexpr Index n = 6;
  for (const Index dim : {4, 6, 40}) {
    const auto rows = draw(n * dim, 1), other = draw(3 * dim, 2);
    const SupportSpan span({rows.data(), {n, dim}});
    REQUIRE(span.rank() == std::min(n, dim));
    const auto x = span.coordinates({rows.data(), {n, dim}}), q = span.coordinates({other.data(), {3, dim}});
    REQUIRE(q.size() == to_size(3 * span.rank()));
    for (Index i = 0; i < 3; ++i)
      for (Index j = 0; j < n; ++j) {
        double sum = 0;
        for (Index b = 0; b < span.rank(); ++b)
          sum += q[to_size(i * span.rank() + b)] * x[to_size(j * span.rank() + b)];
        CHECK(sum == Approx(inner(other.data() + i * dim, rows.data() + j * dim, dim)).margin(1e-9));
      }
  }
}

TEST_CASE("rows that say nothing new add no coordinate") {
  const std::vector<float> rows{1, 2, 3, 2, 4, 6, 0, 0, 0, 1, 0, 0, 3, 4, 6};  // the last is 2·(first) + (fourth)
  CHECK(SupportSpan({rows.data(), {5, 3}}).rank() == 2);
  CHECK(SupportSpan({rows.data() + 6, {1, 3}}).rank() == 0);
}

TEST_CASE("rows that nearly agree still give an orthonormal basis") {
  constexpr Index n = 10, dim = 12;
  auto rows = draw(n * dim, 3);
  for (Index i = dim; i < n * dim; ++i) rows[to_size(i)] = rows[to_size(i % dim)] + 1e-4f * rows[to_size(i)];
  std::vector<float> axes(to_size(dim * dim));
  for (Index d = 0; d < dim; ++d) axes[to_size(d * dim + d)] = 1;
  const SupportSpan span({rows.data(), {n, dim}});
  REQUIRE(span.rank() == n);
  const auto basis = span.coordinates({axes.data(), {dim, dim}});  // (dim, rank)
  for (Index a = 0; a < n; ++a)
    for (Index b = 0; b <= a; ++b) {
      double sum = 0;
      for (Index d = 0; d < dim; ++d) sum += basis[to_size(d * n + a)] * basis[to_size(d * n + b)];
      CHECK(std::abs(sum - (a == b ? 1 : 0)) < 1e-14);
    }
}

}  // namespace support_span_test

// GradMax's matrices where the backend's arrays lie elsewhere.
#include <cmath>
#include <string>
#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/evolve/auxiliary_gradient.hpp"
#include "sseg/evolve/patches_by_convolution.hpp"
#include "support/away.hpp"
#include "support/catch.hpp"
#include "unit/evolve/gradient_growth.hpp"

namespace auxiliary_away_test {

using namespace sseg;
using gradient_growth::noise;

namespace {

using Far = Away<Reference<double>>;

Buffer<double> away(Far& far, const std::vector<double>& values) {
  Buffer<double> b;
  b.lie_in(far.memory());
  b.reserve_at_least(static_cast<Index>(values.size()));
  b.upload(values);
  return b;
}

void agree(View<const double> got, View<const double> want) {
  REQUIRE(got.shape == want.shape);
  double size = 0, apart = 0;
  for (Index i = 0; i < want.shape.count(); ++i) {
    size = std::max(size, std::abs(want.data[i]));
    apart = std::max(apart, std::abs(want.data[i] - got.data[i]));
  }
  CHECK(size > 0);
  CHECK(apart < 1e-12 * size);
}

}  // namespace

TEST_CASE("Patches away from the host, their products and what readers make of them are those on it") {
  Reference<double> near;
  for (const auto& [entry, pool] :
       {std::pair{Conv2d{.in = 2, .out = 5}, Index{1}}, std::pair{Conv2d{.in = 2, .out = 5}, Index{2}},
        std::pair{Conv2d{.in = 1, .out = 3}, Index{3}}, std::pair{Conv2d{.in = 2, .out = 4, .stride = 2}, Index{2}},
        std::pair{Conv2d{.in = 3, .out = 4, .kernel = 5, .stride = 1, .pad = 2}, Index{2}},
        std::pair{Conv2d{.in = 2, .out = 4, .kernel = 1, .stride = 1, .pad = 0}, Index{1}}}) {
    INFO(entry.kernel << ", stride " << entry.stride << ", pool " << pool);
    Far far;
    const Shape in{3, 11, 9, entry.in}, z = entry.out_shape(in), map{3, z[1] / pool, z[2] / pool, entry.out};
    const Conv2d reader{.in = entry.out, .out = 3};
    const Index positions = map[1] * map[2];
    AuxiliaryGradient<double> here, there;
    for (std::uint64_t batch = 0; batch < 2; ++batch) {
      const auto x = noise(in.count(), 1 + batch), inner = noise(3 * positions * 3, 5 + batch),
                 dz = noise(3 * 4, 9 + batch);
      const auto x_far = away(far, x), inner_far = away(far, inner), dz_far = away(far, dz);
      const Shape at{3, map[1], map[2], 3};
      here.read(entry, pool, {x.data(), in});
      there.read(far, entry, pool, {x_far.data(), in});
      here.add(near, reader, {inner.data(), at});
      there.add(far, reader, {inner_far.data(), at});
      for (const Index groups : {positions, Index{1}}) {
        const Linear head{.in = groups * entry.out, .out = 4};
        here.add(head, entry.out, {dz.data(), {3, 4}});
        there.add(far, head, entry.out, {dz_far.data(), {3, 4}});
      }
      CHECK_THROWS_AS(there.add(far, Linear{.in = 3 * entry.out, .out = 4}, entry.out, {dz_far.data(), {3, 4}}), Error);
    }
    there.drop_tensors();
    CHECK(far.away().blocks() == 0);
    const AuxiliaryView want = here.view(), got = there.view();
    agree(got.gradient, want.gradient);
    agree(got.covariance, want.covariance);
  }
}

TEST_CASE("Patches are added up some pictures at a time, which changes nothing but rounding") {
  Far far;
  const Conv2d entry{.in = 2, .out = 5};
  const Shape in{5, 6, 7, 2};
  auto values = noise(in.count(), 1);
  for (double& v : values) v += 100;  // far from 0, as its spread goes
  const auto x = away(far, values);
  const View<const double> pictures{x.data(), in};
  const auto whole = PatchesByConvolution<double>().moments(far, entry, pictures);
  for (const Index most : {Index{1}, Index{2 * 42 * 18}, Index{4 * 42 * 18 + 1}}) {
    const auto parts = PatchesByConvolution<double>(most).moments(far, entry, pictures);
    agree({parts.sum.data(), {18}}, {whole.sum.data(), {18}});
    agree({parts.products.data(), {18, 18}}, {whole.products.data(), {18, 18}});
  }
}

}  // namespace auxiliary_away_test

#include "sseg/layer/weight_norm_linear.hpp"

#include <cmath>
#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/trace.hpp"
#include "support/catch.hpp"

namespace weight_norm_linear_test {

using namespace sseg;

namespace {

struct Outcome {
  std::vector<double> y, dw;
};

Outcome run(const WeightNormLinear& layer, const std::vector<double>& weight, const std::vector<double>& x) {
  Reference<double> backend;
  auto store = make_store<double>(layer, 0, Rng(1));
  std::copy(weight.begin(), weight.end(), store.value.begin());
  Trace<double> trace;
  const View<const double> in{x.data(), {static_cast<Index>(x.size()) / layer.in, layer.in}};
  const View<const double> y = trace.forward(backend, layer, store, in, Mode::train);
  Outcome o{{y.flat().begin(), y.flat().end()}, {}};
  trace.backward(backend, layer, store, in, y);
  o.dw.assign(store.grad.begin(), store.grad.end());
  return o;
}

}  // namespace

TEST_CASE("A weight-normalised layer multiplies by rows of length one") {
  const WeightNormLinear layer{.in = 2, .out = 3};
  const auto o = run(layer, {3, 4, 0, -2, 5, 0}, {1, 2, 10, -1});
  CHECK(o.y[0] == Approx(0.6 + 1.6));
  CHECK(o.y[1] == Approx(-2));
  CHECK(o.y[2] == Approx(1));
  CHECK(o.y[3] == Approx(6 - 0.8));
  CHECK(o.y[4] == Approx(1));
  CHECK(o.y[5] == Approx(10));
}

TEST_CASE("The length of a row changes nothing but how far a step turns it") {
  const WeightNormLinear layer{.in = 3, .out = 2};
  const std::vector<double> x{1, 2, 3, -1, 0.5, 2};
  const auto a = run(layer, {1, 2, -1, 0.5, 0.25, 3}, x), b = run(layer, {4, 8, -4, 0.25, 0.125, 1.5}, x);
  for (std::size_t i = 0; i < 4; ++i) CHECK(b.y[i] == Approx(a.y[i]));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(b.dw[i] == Approx(a.dw[i] / 4));
    CHECK(b.dw[3 + i] == Approx(a.dw[3 + i] * 2));
  }
  CHECK(a.dw[0] + 2 * a.dw[1] - a.dw[2] == Approx(0).margin(1e-12));  // no gradient along the row
}

TEST_CASE("A weight-normalised layer has one tensor, which does not decay, with rows about one long") {
  const WeightNormLinear layer{.in = 100, .out = 40};
  const auto store = make_store<float>(layer, 0, Rng(3));
  REQUIRE(store.entries.size() == 1);
  const auto& desc = store.entries[0].desc;
  CHECK(desc.key == "net/weight");
  CHECK(desc.shape == Shape{40, 100});
  CHECK(desc.role == Role::param);
  CHECK_FALSE(desc.decay);
  for (Index r = 0; r < 40; ++r) {
    float square = 0;
    for (Index c = 0; c < 100; ++c) square += store.value[r * 100 + c] * store.value[r * 100 + c];
    CHECK(std::sqrt(square) == Approx(1).margin(0.35));
  }
  CHECK_THROWS_AS(layer.out_shape({2, 99}), Error);
  CHECK_THROWS_AS(layer.out_shape({2, 5, 100}), Error);
  CHECK(layer.out_shape({2, 100}) == Shape{2, 40});
}

}  // namespace weight_norm_linear_test

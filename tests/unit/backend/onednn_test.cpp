#include "sseg/backend/onednn.hpp"

#include <limits>

#include "conv_cases.hpp"
#include "sseg/backend/prefer.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"

using namespace sseg;
using namespace oracle;

static_assert(Backend<OneDnn>);
static_assert(Serves<OneDnn, Conv2dForward<float>> && Serves<OneDnn, Gemm<float>>);
static_assert(!Serves<OneDnn, Add<float>> && !Serves<OneDnn, Conv2dMoments<float>>);

namespace {

/// As the kernels of conv_cases.hpp, for `agrees_on`.
struct ByOneDnn {
  static constexpr int lanes = 0;
  static constexpr double rounding = 1;
  OneDnn backend{2};

  void forward(const ConvGeometry& g, const float* x, const float* w, const float* bias, float* y) {
    run_or_not(g, Conv2dForward<float>{g, x, w, bias, y});
  }
  void backward_data(const ConvGeometry& g, const float* dy, const float* w, float* dx) {
    run_or_not(g, Conv2dBackwardData<float>{g, dy, w, dx});
  }
  void backward_weights(const ConvGeometry& g, const float* x, const float* dy, float* dw) {
    run_or_not(g, Conv2dBackwardWeights<float>{g, x, dy, dw, nullptr});
  }

 private:
  template <class Op>
  void run_or_not(const ConvGeometry& g, const Op& op) {
    CHECK(backend.can(op) == (g.n > 0));
    if (backend.can(op)) backend.run(op);
  }
};

void product_agrees(Index m, Index n, Index k, bool a_transposed, bool b_transposed, bool accumulate) {
  INFO("m=" << m << " n=" << n << " k=" << k << " " << a_transposed << b_transposed << accumulate);
  const auto a = random(m * k, 1), b = random(k * n, 2), start = random(m * n, 3);
  const auto ad = widen(a), bd = widen(b);
  auto expected = widen(start);
  Reference<double>().run(
      Gemm<double>{m, n, k, 0.5, ad.data(), a_transposed, bd.data(), b_transposed, expected.data(), accumulate});
  Guarded c(accumulate ? start : std::vector<float>(to_size(m * n), std::numeric_limits<float>::quiet_NaN()));
  OneDnn backend(2);
  const Gemm<float> op{m, n, k, 0.5f, a.data(), a_transposed, b.data(), b_transposed, c.data(), accumulate};
  CHECK(backend.can(op));
  backend.run(op);
  CHECK(distance(expected, c.values()) < sum_tolerance(k));
  CHECK(c.whole());
}

}  // namespace

TEST_CASE("OneDnn's three passes agree with the reference") {
  for (const auto& g : conv_cases::geometries()) conv_cases::agrees_on<ByOneDnn>(g);
}

TEST_CASE("OneDnn adds the gradients of weights and bias to what is there") {
  const ConvGeometry g{2, 7, 6, 3, 17, 3, 1, 1};
  const auto x = random(g.in_count(), 1), dy = random(g.out_count(), 2), db_start = random(g.o, 3);
  const auto xd = widen(x), dyd = widen(dy);
  std::vector<double> dw(to_size(g.weight_count())), db = widen(db_start);
  Guarded dw_found(g.weight_count(), 0), db_found(db_start);
  OneDnn backend(1);
  for (int twice = 0; twice < 2; ++twice) {
    Reference<double>().run(Conv2dBackwardWeights<double>{g, xd.data(), dyd.data(), dw.data(), db.data()});
    backend.run(Conv2dBackwardWeights<float>{g, x.data(), dy.data(), dw_found.data(), db_found.data()});
  }
  CHECK(distance(dw, dw_found.values()) < sum_tolerance(2 * 7 * 6));
  CHECK(distance(db, db_found.values()) < sum_tolerance(2 * 7 * 6));
  CHECK(dw_found.whole());
  CHECK(db_found.whole());
}

TEST_CASE("OneDnn's products agree with the reference") {
  for (const bool a_transposed : {false, true})
    for (const bool b_transposed : {false, true})
      for (const bool accumulate : {false, true}) {
        product_agrees(5, 7, 3, a_transposed, b_transposed, accumulate);
        product_agrees(1, 1, 1, a_transposed, b_transposed, accumulate);
        product_agrees(65, 130, 257, a_transposed, b_transposed, accumulate);
        product_agrees(300, 1, 90, a_transposed, b_transposed, accumulate);
      }
}

TEST_CASE("OneDnn says what it does not take, and fails with the shape where it is made to") {
  OneDnn backend(1);
  const auto takes = [&](const ConvGeometry& g) {
    return backend.can(Conv2dForward<float>{g, nullptr, nullptr, nullptr, nullptr});
  };
  CHECK(takes({1, 5, 5, 1, 1, 5, 1, 0}));
  CHECK_FALSE(takes({1, 4, 5, 1, 1, 5, 1, 0}));
  CHECK_FALSE(takes({1, 5, 4, 1, 1, 5, 1, 0}));
  CHECK_FALSE(takes({0, 5, 5, 1, 1, 5, 1, 0}));
  CHECK_FALSE(takes({1, 5, 5, 0, 1, 5, 1, 0}));
  CHECK_FALSE(takes({1, 5, 5, 1, 0, 5, 1, 0}));
  CHECK_FALSE(takes({1, 5, 5, 1, 1, 3, 0, 1}));
  CHECK_FALSE(takes({1, 5, 5, 1, 1, 3, 1, -1}));
  const float one = 1;
  float y = 0;
  for (const Index m : {0, 1})
    for (const Index n : {0, 1})
      for (const Index k : {0, 1})
        CHECK(backend.can(Gemm<float>{m, n, k, 1, &one, false, &one, false, &y, false}) == (m > 0 && n > 0 && k > 0));

  CHECK_THROWS_WITH(
      (backend.run(Conv2dForward<float>{{1, 5, 5, 1, 1, 3, 1, -1}, &one, &one, nullptr, &y})),
      Catch::Matchers::Contains("invalid_arguments") &&
          Catch::Matchers::Contains("OneDnn, convolution forward, n=1 h=5 w=5 c=1 o=1 kernel=3 stride=1 pad=-1") &&
          Catch::Matchers::Contains("sseg::Cpu"));
}

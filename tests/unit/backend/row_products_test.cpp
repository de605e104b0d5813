#include <array>
#include <cmath>
#include <vector>

#include "cuda_host_device.hpp"
#include "sseg/backend/cpu.hpp"
#include "support/lanes.hpp"

namespace row_products_test {

// Products and factors of rows, targets and scores: the Cpu's kernels, and CUDA's by their twins, against the
// reference.

using namespace sseg;
using namespace oracle;

namespace {

template <class F>
void on_all(F&& f) {
  on_every_cpu<Cpu>(f);
  ByCudaTwins twin;
  INFO("CUDA's twins");
  f(twin);
}

constexpr std::array<Index, 6> sizes{1, 3, 17, 64, 257, 700};

}  // namespace

TEST_CASE("Products of all values and of rows agree with the reference") {
  Reference<double> reference;
  on_all([&](auto& backend) {
    for (const Index cols : sizes) {
      const Index rows = 19;
      INFO(cols << " columns");
      const auto a = random(rows * cols, 1), b = random(rows * cols, 2);
      const auto ad = widen(a), bd = widen(b);
      double value = 0, want = 0;
      backend.run(Dot<float>{rows * cols, -0.5f, a.data(), b.data(), &value});
      reference.run(Dot<double>{rows * cols, -0.5, ad.data(), bd.data(), &want});
      CHECK(std::abs(value - want) < sum_tolerance(rows * cols) * static_cast<double>(rows * cols));
      Guarded out(2 * rows);
      auto expected = widen(out.values());  // every other value stays
      backend.run(RowDots<float>{rows, cols, 2.f, a.data(), b.data(), out.data(), 2});
      reference.run(RowDots<double>{rows, cols, 2., ad.data(), bd.data(), expected.data(), 2});
      CHECK(distance(expected, out.values()) < sum_tolerance(cols));
      CHECK(out.whole());
    }
  });
}

TEST_CASE("A sum of more values than one piece holds agrees with the reference") {
  const auto a = random(10001, 1);
  const auto ad = widen(a);
  double want = 0;
  Reference<double>().run(Dot<double>{10001, 1, ad.data(), ad.data(), &want});
  on_all([&](auto& backend) {
    double value = 0;
    backend.run(Dot<float>{10001, 1, a.data(), a.data(), &value});
    CHECK(value == Approx(want).epsilon(1e-6));
  });
}

TEST_CASE("Rows times their factors agree with the reference, added or not, in place or not") {
  Reference<double> reference;
  on_all([&](auto& backend) {
    for (const Index cols : sizes)
      for (const bool accumulate : {false, true})
        for (const bool in_place : {false, true}) {
          const Index rows = 11;
          INFO(cols << " columns, accumulate " << accumulate << ", in place " << in_place);
          const auto x = random(rows * cols, 1), factor = random(3 * rows, 2);
          const auto xd = widen(x), fd = widen(factor);
          Guarded y(random(rows * cols, 3));
          auto expected = widen(y.values());
          backend.run(ScaleRows<float>{rows, cols, -2.f, factor.data(), 3, in_place ? y.data() : x.data(), y.data(),
                                       accumulate});
          reference.run(ScaleRows<double>{rows, cols, -2., fd.data(), 3, in_place ? expected.data() : xd.data(),
                                          expected.data(), accumulate});
          CHECK(distance(expected, y.values()) < 2 * few_roundings);
          CHECK(y.whole());
        }
  });
}

TEST_CASE("Targets stand where the formula says") {
  struct Case {
    Index rows, cols, first, period, shift;
    std::vector<Index> hot;
  };
  const std::vector<Case> cases{{5, 3, 4, 3, 0, {1, 2, 0, 1, 2}},  // a class an image, from row 4
                                {9, 4, 0, 2, 1, {0, 1, 1, 2, 2, 3, 3, 0, 0}},
                                {3, 2, 0, 1, 0, {0, 0, 0}}};
  const auto check = [&](auto& backend) {
    for (const Case& c : cases) {
      Guarded y(c.rows * c.cols);
      backend.run(OneHotRows<float>{c.rows, c.cols, c.first, c.period, c.shift, y.data()});
      const auto got = y.values();
      for (Index i = 0; i < c.rows * c.cols; ++i)
        CHECK(got[to_size(i)] == (i % c.cols == c.hot[to_size(i / c.cols)] ? 1.f : 0.f));
      CHECK(y.whole());
    }
  };
  on_all(check);
  Reference<float> reference;
  check(reference);
}

TEST_CASE("Scores of weights add up by column as the reference's") {
  Reference<double> reference;
  on_all([&](auto& backend) {
    for (const Index cols : sizes)
      for (const WeightScore score : {WeightScore::taylor, WeightScore::squared_gradient}) {
        const Index rows = 37;
        INFO(cols << " columns, score " << static_cast<int>(score));
        const auto g = random(rows * cols, 1), w = random(rows * cols, 2);
        const auto gd = widen(g), wd = widen(w);
        std::vector<double> columns(to_size(cols), 0.5), expected(to_size(cols), 0.5);
        backend.run(ColumnScores<float>{rows, cols, score, g.data(), w.data(), columns.data()});
        reference.run(ColumnScores<double>{rows, cols, score, gd.data(), wd.data(), expected.data()});
        for (Index c = 0; c < cols; ++c) CHECK(columns[to_size(c)] == Approx(expected[to_size(c)]).epsilon(1e-6));
      }
  });
}

TEST_CASE("CUDA's AdamW with the average in one sweep gives the bits of two") {
  const Index count = 1001;
  const auto g = random(count, 1);
  std::vector<std::uint8_t> cohort(to_size(count));
  for (std::size_t i = 0; i < cohort.size(); ++i) cohort[i] = static_cast<std::uint8_t>(i % 2);
  const std::array<AdamCorrection, 2> corrections{{{0.5, 0.01}, {0.1, 0.001}}};
  for (const bool mixed : {false, true}) {
    Guarded w[2]{Guarded(random(count, 2)), Guarded(random(count, 2))},
        m[2]{Guarded(random(count, 3)), Guarded(random(count, 3))},
        v[2]{Guarded(random(count, 4, 0, 1)), Guarded(random(count, 4, 0, 1))},
        t[2]{Guarded(random(count, 5)), Guarded(random(count, 5))};
    const auto op = [&](std::size_t i) {
      return AdamWUpdate<float>{count,       w[i].data(), g.data(),    m[i].data(),
                                v[i].data(), 0.1f,        0.9f,        0.99f,
                                1e-8f,       0.01f,       corrections, mixed ? cohort.data() : nullptr};
    };
    CudaHostDevice device;
    cuda::queue(device, AdamWAverageUpdate<float>{op(0), 0.75f, t[0].data()});
    cuda::queue(device, op(1));
    cuda::queue(device, EmaUpdate<float>{count, 0.75f, w[1].data(), t[1].data()});
    CHECK(w[0].values() == w[1].values());
    CHECK(t[0].values() == t[1].values());
    CHECK(t[0].whole());
  }
}

}  // namespace row_products_test

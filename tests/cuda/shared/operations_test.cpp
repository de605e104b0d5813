#include <cmath>

#include "cuda/support/on_device.hpp"
#include "unit/backend/oracle.hpp"

namespace operations_test {

using namespace sseg;
using namespace oracle;
using cuda_test::Mirror;

namespace {

/// Below, at and above the threads of a block, and one that needs several blocks.
const std::vector<Index> counts{1, 255, 256, 257, 70001};
const std::vector<std::pair<Index, Index>> tables{{1, 1}, {3, 5}, {65, 17}, {300, 258}};  // rows and columns

}  // namespace

TEST_CASE("Cuda multiplies matrices as the reference does, transposed and accumulated") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  for (const auto& [m, n, k] : {std::tuple<Index, Index, Index>{1, 1, 1}, {3, 5, 7}, {33, 17, 65}, {128, 1, 40}})
    for (const bool ta : {false, true})
      for (const bool tb : {false, true})
        for (const bool accumulate : {false, true}) {
          INFO(m << " " << n << " " << k << ", transposed " << ta << tb << ", accumulated " << accumulate);
          const auto a = random(m * k, 1), b = random(k * n, 2), c = random(m * n, 3);
          const auto ad = widen(a), bd = widen(b);
          auto want = widen(c);
          reference.run(Gemm<double>{m, n, k, 0.75, ad.data(), ta, bd.data(), tb, want.data(), accumulate});
          Mirror on_a(cuda, a), on_b(cuda, b), on_c(cuda, c);
          const Gemm<float> op{m, n, k, 0.75f, on_a.data(), ta, on_b.data(), tb, on_c.data(), accumulate};
          REQUIRE(cuda.can(op));
          cuda.run(op);
          CHECK(distance(want, on_c.read()) < sum_tolerance(k));
        }
}

TEST_CASE("Cuda's elementwise operations are the reference's") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  for (const Index count : counts) {
    INFO(count << " values");
    const auto a = random(count, 1, -2, 2), b = random(count, 2, -2, 2);
    const auto ad = widen(a), bd = widen(b);
    const auto same = [&](const auto& by_reference, const auto& by_cuda) {
      std::vector<double> want = bd;
      by_reference(want.data());
      Mirror on_a(cuda, a), on_b(cuda, b), y(cuda, b);
      by_cuda(on_a.data(), on_b.data(), y.data());
      CHECK(distance(want, y.read()) < few_roundings);
    };
    same(
        [&](double* y) {
          reference.run(Copy<double>{count, ad.data(), y});
        },
        [&](float* x, float*, float* y) {
          cuda.run(Copy<float>{count, x, y});
        });
    same(
        [&](double* y) {
          reference.run(Fill<double>{count, 0.25, y});
        },
        [&](float*, float*, float* y) {
          cuda.run(Fill<float>{count, 0.25f, y});
        });
    same(
        [&](double* y) {
          reference.run(ReluForward<double>{count, ad.data(), y});
        },
        [&](float* x, float*, float* y) {
          cuda.run(ReluForward<float>{count, x, y});
        });
    same(
        [&](double* y) {
          reference.run(ReluBackward<double>{count, ad.data(), bd.data(), y});
        },
        [&](float* x, float* dy, float* y) {
          cuda.run(ReluBackward<float>{count, x, dy, y});
        });
    same(
        [&](double* y) {
          reference.run(GeluForward<double>{count, ad.data(), y});
        },
        [&](float* x, float*, float* y) {
          cuda.run(GeluForward<float>{count, x, y});
        });
    same(
        [&](double* y) {
          reference.run(GeluBackward<double>{count, ad.data(), bd.data(), y});
        },
        [&](float* x, float* dy, float* y) {
          cuda.run(GeluBackward<float>{count, x, dy, y});
        });
    same(
        [&](double* y) {
          reference.run(Add<double>{count, ad.data(), bd.data(), y});
        },
        [&](float* x, float* z, float* y) {
          cuda.run(Add<float>{count, x, z, y});
        });
    for (const bool accumulate : {false, true})
      same(
          [&](double* y) {
            reference.run(Scale<double>{count, 0.5, ad.data(), y, accumulate});
          },
          [&](float* x, float*, float* y) {
            cuda.run(Scale<float>{count, 0.5f, x, y, accumulate});
          });
  }
}

TEST_CASE("Cuda's operations on tables are the reference's") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  for (const auto& [rows, cols] : tables) {
    INFO(rows << " x " << cols);
    const auto x = random(rows * cols, 1), dy = random(rows * cols, 2), row = random(cols, 3);
    const auto xd = widen(x), dyd = widen(dy), rowd = widen(row);
    Mirror on_x(cuda, x), on_dy(cuda, dy), on_row(cuda, row), y(cuda, x), dx(cuda, x), out(cuda, row), mean(cuda, row);
    Mirror norm(cuda, random(rows, 4));
    std::vector<double> want_y = xd, want_out = rowd, want_mean(rowd.size()), want_var(rowd.size());
    reference.run(AddBias<double>{rows, cols, rowd.data(), want_y.data()});
    cuda.run(AddBias<float>{rows, cols, on_row.data(), y.data()});
    CHECK(distance(want_y, y.read()) < few_roundings);
    reference.run(SumRows<double>{rows, cols, xd.data(), want_out.data()});
    cuda.run(SumRows<float>{rows, cols, on_x.data(), out.data()});
    CHECK(distance(want_out, out.read(), std::sqrt(static_cast<double>(rows))) < sum_tolerance(rows));
    reference.run(ColumnMoments<double>{rows, cols, xd.data(), want_mean.data(), want_var.data()});
    cuda.run(ColumnMoments<float>{rows, cols, on_x.data(), mean.data(), out.data()});
    CHECK(distance(want_mean, mean.read(), 1) < sum_tolerance(rows));
    CHECK(distance(want_var, out.read(), 1) < sum_tolerance(rows));

    std::vector<double> want_norm(to_size(rows)), want_dx(x.size());
    reference.run(L2NormalizeForward<double>{rows, cols, 1e-6, xd.data(), want_y.data(), want_norm.data()});
    reference.run(L2NormalizeBackward<double>{rows, cols, want_y.data(), want_norm.data(), dyd.data(), want_dx.data()});
    cuda.run(L2NormalizeForward<float>{rows, cols, 1e-6f, on_x.data(), y.data(), norm.data()});
    cuda.run(L2NormalizeBackward<float>{rows, cols, y.data(), norm.data(), on_dy.data(), dx.data()});
    CHECK(distance(want_y, y.read()) < sum_tolerance(cols));
    CHECK(distance(want_dx, dx.read(), 1) < 30 * sum_tolerance(cols));
    reference.run(SoftmaxRows<double>{rows, cols, 2, xd.data(), rowd.data(), want_y.data()});
    cuda.run(SoftmaxRows<float>{rows, cols, 2.f, on_x.data(), on_row.data(), y.data()});
    CHECK(distance(want_y, y.read()) < 5e-6);

    double want_loss = 0, loss = 0;
    std::vector<double> want_s = xd, target = want_y;
    reference.run(SoftmaxCrossEntropy<double>{rows, cols, 3, 0.5, want_s.data(), target.data(), &want_loss});
    Mirror s(cuda, x);
    cuda.run(SoftmaxCrossEntropy<float>{rows, cols, 3.f, 0.5f, s.data(), y.data(), &loss});
    CHECK(loss == Approx(want_loss).epsilon(1e-5));
    CHECK(distance(want_s, s.read(), 1) < 1e-5);
  }
}

TEST_CASE("Cuda's contrastive cross-entropy is the reference's, also by blocks of rows") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  for (const auto& [rows, cols, first] : {std::tuple<Index, Index, Index>{2, 2, 0}, {34, 34, 0}, {7, 300, 290}}) {
    INFO(rows << " of " << cols << " from " << first);
    const auto s = random(rows * cols, 1, -4, 4);
    std::vector<Index> target(to_size(cols));
    for (Index r = 0; r < cols; ++r) target[to_size(r)] = (r + 1) % cols;
    std::vector<double> want = widen(s);
    double want_loss = 0, loss = 0;
    reference.run(OffDiagonalCrossEntropy<double>{rows, cols, first, want.data(), target.data(), &want_loss});
    Mirror on_s(cuda, s);
    Mirror<Index> on_target(cuda, target);
    cuda.run(OffDiagonalCrossEntropy<float>{rows, cols, first, on_s.data(), on_target.data(), &loss});
    CHECK(loss == Approx(want_loss).epsilon(1e-5));
    CHECK(distance(want, on_s.read()) < 1e-5);
  }
}

TEST_CASE("Cuda's batch norm with ReLU and pooling, and its gradient, are the reference's") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  for (const NormGeometry g : {NormGeometry{2, 6, 5, 3, 2, true}, NormGeometry{1, 7, 7, 9, 1, false},
                               NormGeometry{3, 4, 4, 300, 2, false}, NormGeometry{2, 9, 3, 1, 3, true}})
    for (const bool batch : {false, true}) {
      INFO(g.n << " " << g.h << " " << g.w << " " << g.c << ", pool " << g.pool << ", batch statistics " << batch);
      const auto x = coarse(g.in_count(), 1), dy = random(g.out_count(), 2), gamma = random(g.c, 3, 0.5f, 2);
      const auto beta = random(g.c, 4), zeros = std::vector<float>(to_size(g.c));
      const auto xd = widen(x), dyd = widen(dy), gd = widen(gamma), bd = widen(beta);
      const Index rows = g.n * g.h * g.w;
      std::vector<double> mean(gd.size()), var(gd.size()), inv(gd.size()), scale(gd.size()), shift(gd.size());
      std::vector<double> y(dyd.size()), dx(xd.size()), dgamma(gd.size()), dbeta(gd.size());
      reference.run(ColumnMoments<double>{rows, g.c, xd.data(), mean.data(), var.data()});
      reference.run(NormFold<double>{g.c, 1e-5, gd.data(), bd.data(), mean.data(), var.data(), inv.data(), scale.data(),
                                     shift.data()});
      reference.run(NormReluPoolForward<double>{g, xd.data(), scale.data(), shift.data(), y.data()});
      reference.run(NormReluPoolBackward<double>{g, xd.data(), mean.data(), inv.data(), scale.data(), shift.data(),
                                                 dyd.data(), dx.data(), dgamma.data(), dbeta.data(), batch});
      Mirror on_x(cuda, x), on_dy(cuda, dy), on_gamma(cuda, gamma), on_beta(cuda, beta), m(cuda, zeros), v(cuda, zeros);
      Mirror i(cuda, zeros), s(cuda, zeros), h(cuda, zeros), on_y(cuda, dy), on_dx(cuda, x), dg(cuda, zeros),
          db(cuda, zeros);
      cuda.run(ColumnMoments<float>{rows, g.c, on_x.data(), m.data(), v.data()});
      cuda.run(NormFold<float>{g.c, 1e-5f, on_gamma.data(), on_beta.data(), m.data(), v.data(), i.data(), s.data(),
                               h.data()});
      cuda.run(NormReluPoolForward<float>{g, on_x.data(), s.data(), h.data(), on_y.data()});
      cuda.run(NormReluPoolBackward<float>{g, on_x.data(), m.data(), i.data(), s.data(), h.data(), on_dy.data(),
                                           on_dx.data(), dg.data(), db.data(), batch});
      CHECK(distance(y, on_y.read()) < 5e-6);
      CHECK(distance(dx, on_dx.read(), 1) < 2e-5);
      CHECK(distance(dgamma, dg.read(), 1) < 2e-5);
      CHECK(distance(dbeta, db.read(), 1) < 2e-5);
      std::vector<double> next(2 * gd.size());
      std::vector<float> old = random(2 * g.c, 9);
      const auto old_d = widen(old);
      reference.run(RunningUpdate<double>{g.c, rows, 0.1, mean.data(), var.data(), old_d.data(), next.data()});
      Mirror running(cuda, old);
      cuda.run(RunningUpdate<float>{g.c, rows, 0.1f, m.data(), v.data(), running.data(), running.data()});
      CHECK(distance(next, running.read()) < 1e-5);
    }
}

TEST_CASE("Cuda pools globally, back and forth, as the reference does") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  const Index n = 3, positions = 35, c = 67;
  const auto x = random(n * positions * c, 1), dy = random(n * c, 2);
  const auto xd = widen(x), dyd = widen(dy);
  std::vector<double> want(dyd.size()), want_dx(xd.size());
  reference.run(GlobalPoolForward<double>{n, positions, c, xd.data(), want.data()});
  reference.run(GlobalPoolBackward<double>{n, positions, c, dyd.data(), want_dx.data()});
  Mirror on_x(cuda, x), on_dy(cuda, dy), y(cuda, dy), dx(cuda, x);
  cuda.run(GlobalPoolForward<float>{n, positions, c, on_x.data(), y.data()});
  cuda.run(GlobalPoolBackward<float>{n, positions, c, on_dy.data(), dx.data()});
  CHECK(distance(want, y.read(), 1) < sum_tolerance(positions));
  CHECK(distance(want_dx, dx.read()) < few_roundings);
}

TEST_CASE("Cuda updates weights and teacher as the reference does") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  const std::vector<AdamCorrection> ages{{0.1, 0.001}, {0.5, 0.01}};
  for (const Index count : counts) {
    INFO(count << " weights");
    const auto w = random(count, 1), g = random(count, 2), m = random(count, 3), v = random(count, 4, 0, 1);
    std::vector<std::uint8_t> cohort(to_size(count));
    for (std::size_t k = 0; k < cohort.size(); ++k) cohort[k] = k % 3 == 1;
    for (const std::uint8_t* const of : {static_cast<const std::uint8_t*>(nullptr), std::as_const(cohort).data()}) {
      auto wd = widen(w), md = widen(m), vd = widen(v);
      const auto gd = widen(g);
      reference.run(AdamWUpdate<double>{count, wd.data(), gd.data(), md.data(), vd.data(), 0.01, 0.875, 0.99, 1e-8,
                                        0.125, ages, of});
      Mirror on_w(cuda, w), on_g(cuda, g), on_m(cuda, m), on_v(cuda, v);
      cuda.run(AdamWUpdate<float>{count, on_w.data(), on_g.data(), on_m.data(), on_v.data(), 0.01f, 0.875f, 0.99f,
                                  1e-8f, 0.125f, ages, of});
      CHECK(distance(wd, on_w.read()) < 2e-6);
      CHECK(distance(md, on_m.read()) < few_roundings);
      CHECK(distance(vd, on_v.read()) < few_roundings);
    }
    auto wd = widen(w), md = widen(m), gd = widen(g);
    Mirror on_w(cuda, w), on_g(cuda, g), on_m(cuda, m);
    reference.run(SgdUpdate<double>{count, wd.data(), gd.data(), md.data(), 0.5, 0.875, 0.125, true});
    cuda.run(SgdUpdate<float>{count, on_w.data(), on_g.data(), on_m.data(), 0.5f, 0.875f, 0.125f, true});
    CHECK(distance(wd, on_w.read()) < 2e-6);
    double want_norm = 0;
    Mirror norm(cuda, std::vector<double>(1));
    reference.run(ClipNorm<double>{count, 0.5, gd.data(), &want_norm});
    cuda.run(ClipNorm<float>{count, 0.5f, on_g.data(), norm.data()});
    CHECK(norm.read()[0] == Approx(want_norm).epsilon(1e-6));
    CHECK(distance(gd, on_g.read()) < few_roundings);
    for (const auto score : {ImportanceScore::gradient, ImportanceScore::taylor, ImportanceScore::magnitude}) {
      reference.run(ImportanceAverage<double>{count, score, 0.75, gd.data(), wd.data(), md.data()});
      cuda.run(ImportanceAverage<float>{count, score, 0.75f, on_g.data(), on_w.data(), on_m.data()});
      CHECK(distance(md, on_m.read()) < 4e-6);
    }
    reference.run(EmaUpdate<double>{count, 0.75, gd.data(), wd.data()});
    cuda.run(EmaUpdate<float>{count, 0.75f, on_g.data(), on_w.data()});
    CHECK(distance(wd, on_w.read()) < 2e-6);
  }
}

}  // namespace operations_test

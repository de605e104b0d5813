#include <cmath>
#include <vector>

#include "cuda_host_device.hpp"

namespace cuda_norm_test {

using namespace sseg;
using namespace oracle;

namespace {

/// Row counts round a chunk of 64, and more than fit into the largest number of chunks of that size.
const std::vector<Index> row_counts{1, 2, 63, 64, 65, 1000, 70001};

std::vector<NormGeometry> geometries() {
  std::vector<NormGeometry> all;
  for (const Index pool : {1, 2, 3})
    for (const bool relu : {false, true})
      for (const Index c : {1, 17, 64}) {
        all.push_back({3, 7, 8, c, pool, relu});
        all.push_back({2, pool, pool, c, pool, relu});
        all.push_back({1, 5, 1, c, 1, relu});
      }
  all.push_back({2, 45, 43, 33, 2, true});
  all.push_back({2, 1, 4, 5, 2, true});  // smaller than a window: no output
  return all;
}

void agrees(const NormGeometry& g, bool batch_statistics) {
  INFO("n=" << g.n << " h=" << g.h << " w=" << g.w << " c=" << g.c << " pool=" << g.pool << " relu=" << g.relu
            << " batch=" << batch_statistics);
  CudaHostDevice device;
  Reference<double> reference;
  // Coarse x: a window's maximum and the sign of x·scale + shift must not hang on float rounding.
  const auto x = coarse(g.in_count(), 1), gamma = random(g.c, 2, -2, 2), beta = random(g.c, 3);
  const auto mean = random(g.c, 4, -.5f, .5f), inv_std = random(g.c, 5, .5f, 2), dy = random(g.out_count(), 6);
  std::vector<float> scale(gamma), shift(beta);
  for (std::size_t c = 0; c < scale.size(); ++c) {
    scale[c] = gamma[c] * inv_std[c];
    shift[c] = beta[c] - mean[c] * scale[c];
  }
  const auto xd = widen(x), md = widen(mean), id = widen(inv_std), sd = widen(scale), hd = widen(shift),
             dyd = widen(dy);
  Guarded y(g.out_count()), dx(g.in_count()), dgamma(random(g.c, 7)), dbeta(random(g.c, 8));
  std::vector<double> want_y(to_size(g.out_count())), want_dx(x.size());
  auto want_gamma = widen(dgamma.values()), want_beta = widen(dbeta.values());
  cuda::queue(device, NormReluPoolForward<float>{g, x.data(), scale.data(), shift.data(), y.data()});
  cuda::queue(device, NormReluPoolBackward<float>{g, x.data(), mean.data(), inv_std.data(), scale.data(), shift.data(),
                                                  dy.data(), dx.data(), dgamma.data(), dbeta.data(), batch_statistics});
  reference.run(NormReluPoolForward<double>{g, xd.data(), sd.data(), hd.data(), want_y.data()});
  reference.run(NormReluPoolBackward<double>{g, xd.data(), md.data(), id.data(), sd.data(), hd.data(), dyd.data(),
                                             want_dx.data(), want_gamma.data(), want_beta.data(), batch_statistics});
  const double walk = std::sqrt(static_cast<double>(g.n * g.out_h() * g.out_w()));
  CHECK(distance(want_y, y.values()) < few_roundings);
  CHECK(distance(want_dx, dx.values(), 1) < 2 * few_roundings);
  CHECK(distance(want_gamma, dgamma.values(), walk) < sum_tolerance(64));
  CHECK(distance(want_beta, dbeta.values(), walk) < sum_tolerance(64));
  CHECK((y.whole() && dx.whole() && dgamma.whole() && dbeta.whole()));
}

}  // namespace

TEST_CASE("CUDA kernels, fused norm, ReLU and pool agree with the reference") {
  for (const NormGeometry& g : geometries())
    for (const bool batch : {false, true}) agrees(g, batch);
}

TEST_CASE("CUDA kernels, a norm's gradient without dx leaves the rest as it is") {
  const NormGeometry g{.n = 2, .h = 6, .w = 5, .c = 3, .pool = 2, .relu = true};
  const auto x = coarse(g.in_count(), 1), dy = random(g.out_count(), 2), one = random(g.c, 3, .5f, 1);
  Guarded with(3), without(3), beta(3), dx(g.in_count());
  CudaHostDevice device;
  const NormReluPoolBackward<float> op{g,         x.data(),  one.data(),  one.data(),  one.data(), one.data(),
                                       dy.data(), dx.data(), with.data(), beta.data(), true};
  NormReluPoolBackward<float> none = op;
  none.dx = nullptr;
  none.dgamma = without.data();
  cuda::queue(device, op);
  cuda::queue(device, none);
  CHECK(with.values() == without.values());
}

TEST_CASE("CUDA kernels, a norm's gradient from the sums of a larger batch agrees with the reference") {
  for (const Index pool : {1, 2})
    for (const Index c : {3, 17}) {
      const NormGeometry g{.n = 2, .h = 7, .w = 6, .c = c, .pool = pool, .relu = true};
      INFO("pool " << pool << ", " << c << " channels");
      const auto x = coarse(g.in_count(), 1), dy = random(g.out_count(), 2), scale = random(c, 3, .5f, 1);
      const auto mean = random(c, 4), inv_std = random(c, 5, .5f, 2), shift = random(c, 6), dot = random(c, 7, -9, 9),
                 sum = random(c, 8, -9, 9);
      const auto xd = widen(x), dyd = widen(dy), sd = widen(scale), md = widen(mean), id = widen(inv_std),
                 hd = widen(shift), dd = widen(dot), ed = widen(sum);
      const Index rows = 3 * g.n * g.h * g.w;
      Guarded dx(g.in_count());
      std::vector<double> want(x.size());
      CudaHostDevice device;
      cuda::queue(device,
                  NormReluPoolBackwardData<float>{g, x.data(), mean.data(), inv_std.data(), scale.data(), shift.data(),
                                                  dy.data(), dx.data(), dot.data(), sum.data(), rows});
      Reference<double>().run(NormReluPoolBackwardData<double>{g, xd.data(), md.data(), id.data(), sd.data(), hd.data(),
                                                               dyd.data(), want.data(), dd.data(), ed.data(), rows});
      CHECK(distance(want, dx.values()) < 2 * few_roundings);
      CHECK(dx.whole());
    }
}

TEST_CASE("CUDA kernels, moments and sums of columns agree with the reference") {
  CudaHostDevice device;
  Reference<double> reference;
  for (const Index rows : row_counts)
    for (const Index cols : {1, 5, 33}) {
      INFO(rows << " rows, " << cols << " columns");
      auto x = random(rows * cols, 1);
      for (float& v : x) v += 3;  // a mean far from zero: squares would cancel
      const auto xd = widen(x);
      Guarded mean(cols), var(cols), sum(random(cols, 2));
      std::vector<double> want_mean(to_size(cols)), want_var(want_mean);
      auto want_sum = widen(sum.values());
      cuda::queue(device, ColumnMoments<float>{rows, cols, x.data(), mean.data(), var.data()});
      cuda::queue(device, SumRows<float>{rows, cols, x.data(), sum.data()});
      reference.run(ColumnMoments<double>{rows, cols, xd.data(), want_mean.data(), want_var.data()});
      reference.run(SumRows<double>{rows, cols, xd.data(), want_sum.data()});
      CHECK(distance(want_mean, mean.values()) < 2e-6);
      CHECK(distance(want_var, var.values(), 1e-3) < 1e-5);
      CHECK(distance(want_sum, sum.values()) < 2e-6);
      CHECK((mean.whole() && var.whole() && sum.whole()));
    }
}

TEST_CASE("CUDA kernels, folding and running statistics agree with the reference") {
  CudaHostDevice device;
  Reference<double> reference;
  for (const Index c : {1, 300})
    for (const Index rows : {1, 2, 77}) {
      INFO(c << " channels, " << rows << " rows");
      const auto gamma = random(c, 1), beta = random(c, 2), mean = random(c, 3), var = random(c, 4, 0, 2),
                 old = random(2 * c, 5);
      const auto gd = widen(gamma), bd = widen(beta), md = widen(mean), vd = widen(var), od = widen(old);
      Guarded inverse(var), scale(c), shift(c), next(2 * c);
      std::vector<double> want_inverse(vd), want_scale(to_size(c)), want_shift(to_size(c)), want_next(to_size(2 * c));
      cuda::queue(device, NormFold<float>{c, 1e-5f, gamma.data(), beta.data(), mean.data(), inverse.data(),
                                          inverse.data(), scale.data(), shift.data()});
      cuda::queue(device, RunningUpdate<float>{c, rows, 0.1f, mean.data(), var.data(), old.data(), next.data()});
      reference.run(NormFold<double>{c, static_cast<double>(1e-5f), gd.data(), bd.data(), md.data(),
                                     want_inverse.data(), want_inverse.data(), want_scale.data(), want_shift.data()});
      reference.run(
          RunningUpdate<double>{c, rows, static_cast<double>(0.1f), md.data(), vd.data(), od.data(), want_next.data()});
      CHECK(distance(want_inverse, inverse.values()) < few_roundings);
      CHECK(distance(want_scale, scale.values()) < few_roundings);
      CHECK(distance(want_shift, shift.values()) < few_roundings);
      CHECK(distance(want_next, next.values()) < few_roundings);
      CHECK((inverse.whole() && scale.whole() && shift.whole() && next.whole()));
    }
}

TEST_CASE("CUDA kernels, what is not a number is not hidden by ReLU or pooling") {
  const float nan = std::nanf("");
  CudaHostDevice device;
  const std::vector<float> x{nan, 1, -1, nan}, one(1, 1.f), zero(1, 0.f);
  std::vector<float> y(4);
  cuda::queue(device, ReluForward<float>{4, x.data(), y.data()});
  CHECK((std::isnan(y[0]) && y[1] == 1 && y[2] == 0 && std::isnan(y[3])));
  for (const Index pool : {1, 2}) {
    const NormGeometry g{1, 2, 2, 1, pool, true};
    cuda::queue(device, NormReluPoolForward<float>{g, x.data(), one.data(), zero.data(), y.data()});
    CHECK(std::isnan(y[0]));
    const std::vector<float> map(4, 1.f);  // whose batch statistics are no numbers
    cuda::queue(device, NormReluPoolForward<float>{g, map.data(), x.data(), zero.data(), y.data()});
    CHECK(std::isnan(y[0]));
  }
}

}  // namespace cuda_norm_test

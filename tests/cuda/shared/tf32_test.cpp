#include "cuda/support/on_device.hpp"
#include "unit/backend/oracle.hpp"

namespace tf32_test {

using namespace sseg;
using namespace oracle;
using cuda_test::Mirror;

namespace {

/// Factors of 10 bits of mantissa are off by 2^-11 each, in sums by a random walk.
constexpr double tf32_rounding = 4e-3;

}  // namespace

TEST_CASE("With TF32 products and convolutions stay within its rounding, and the backend says that it may round") {
  SSEG_ON_DEVICE();
  Cuda cuda({.tf32 = true, .cache = cuda_test::kernel_cache()});
  CHECK(cuda.arithmetic().find("TF32") != std::string::npos);
  Reference<double> reference;
  const Index m = 65, n = 33, k = 128;
  const auto a = random(m * k, 1), b = random(k * n, 2);
  const auto ad = widen(a), bd = widen(b);
  std::vector<double> want(to_size(m * n));
  reference.run(Gemm<double>{m, n, k, 1, ad.data(), false, bd.data(), false, want.data(), false});
  Mirror on_a(cuda, a), on_b(cuda, b), c(cuda, std::vector<float>(want.size()));
  cuda.run(Gemm<float>{m, n, k, 1.f, on_a.data(), false, on_b.data(), false, c.data(), false});
  CHECK(distance(want, c.read()) < tf32_rounding);

  const ConvGeometry g{4, 14, 14, 16, 32, 3, 1, 1};
  const auto x = random(g.in_count(), 3), w = random(g.weight_count(), 4);
  const auto xd = widen(x), wd = widen(w);
  std::vector<double> want_y(to_size(g.out_count()));
  reference.run(Conv2dForward<double>{g, xd.data(), wd.data(), nullptr, want_y.data()});
  Mirror on_x(cuda, x), on_w(cuda, w), y(cuda, std::vector<float>(want_y.size()));
  cuda.run(Conv2dForward<float>{g, on_x.data(), on_w.data(), nullptr, y.data()});
  CHECK(distance(want_y, y.read()) < tf32_rounding);
}

}  // namespace tf32_test

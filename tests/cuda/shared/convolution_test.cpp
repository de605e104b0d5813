#include "cuda/support/on_device.hpp"
#include "unit/backend/oracle.hpp"

namespace convolution_test {

using namespace sseg;
using namespace oracle;
using cuda_test::Mirror;

namespace {

/// Odd sizes, one channel, kernels of 1 and 5, stride 2, an image smaller than the kernel; and a layer as nets have
/// them.
const std::vector<ConvGeometry> geometries{
    {2, 7, 5, 3, 4, 3, 1, 1},  {1, 6, 6, 2, 5, 1, 1, 0}, {2, 9, 8, 4, 3, 5, 2, 2},    {3, 2, 2, 1, 7, 3, 1, 1},
    {1, 11, 3, 5, 1, 3, 2, 1}, {2, 4, 4, 9, 8, 3, 1, 0}, {4, 14, 14, 16, 32, 3, 1, 1}};

std::string text(const ConvGeometry& g) { return cuda::ConvProblem{cuda::ConvPass::forward, g}.text(); }

struct Tensors {
  std::vector<float> x, w, bias, dy;
  explicit Tensors(const ConvGeometry& g)
      : x(random(g.in_count(), 1)),
        w(random(g.weight_count(), 2)),
        bias(random(g.o, 3)),
        dy(random(g.out_count(), 4)) {}
};

}  // namespace

TEST_CASE("Cuda convolves forward as the reference does, with and without a bias") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  for (const ConvGeometry& g : geometries)
    for (const bool biased : {false, true}) {
      INFO(text(g));
      const Tensors t(g);
      const auto x = widen(t.x), w = widen(t.w), b = widen(t.bias);
      std::vector<double> want(to_size(g.out_count()));
      reference.run(Conv2dForward<double>{g, x.data(), w.data(), biased ? b.data() : nullptr, want.data()});
      Mirror dx(cuda, t.x), dw(cuda, t.w), db(cuda, t.bias), y(cuda, std::vector<float>(want.size(), 9.f));
      const Conv2dForward<float> op{g, dx.data(), dw.data(), biased ? db.data() : nullptr, y.data()};
      REQUIRE(cuda.can(op));
      cuda.run(op);
      CHECK(distance(want, y.read()) < sum_tolerance(g.kernel * g.kernel * g.c));
    }
}

TEST_CASE("Cuda's gradients of a convolution are the reference's, those of weights added") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  for (const ConvGeometry& g : geometries) {
    INFO(text(g));
    const Tensors t(g);
    const auto x = widen(t.x), w = widen(t.w), dy = widen(t.dy);
    std::vector<double> want_dx(x.size()), want_dw = w, want_db(to_size(g.o), 1.0);
    reference.run(Conv2dBackwardData<double>{g, dy.data(), w.data(), want_dx.data()});
    reference.run(Conv2dBackwardWeights<double>{g, x.data(), dy.data(), want_dw.data(), want_db.data()});
    Mirror on_x(cuda, t.x), on_w(cuda, t.w), on_dy(cuda, t.dy), dx(cuda, std::vector<float>(t.x.size(), 9.f));
    Mirror dw(cuda, t.w), db(cuda, std::vector<float>(to_size(g.o), 1.f));
    cuda.run(Conv2dBackwardData<float>{g, on_dy.data(), on_w.data(), dx.data()});
    cuda.run(Conv2dBackwardWeights<float>{g, on_x.data(), on_dy.data(), dw.data(), db.data()});
    const Index positions = g.n * g.out_h() * g.out_w();
    CHECK(distance(want_dx, dx.read()) < sum_tolerance(g.kernel * g.kernel * g.o));
    CHECK(distance(want_dw, dw.read()) < sum_tolerance(positions));
    CHECK(distance(want_db, db.read(), std::sqrt(static_cast<double>(positions))) < sum_tolerance(positions));
  }
}

TEST_CASE("Cuda takes tensors that begin at any float, not only at multiples of 16 bytes") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  const ConvGeometry g = geometries[0];
  const Tensors t(g);
  const auto x = widen(t.x), w = widen(t.w), b = widen(t.bias);
  std::vector<double> want(to_size(g.out_count()));
  reference.run(Conv2dForward<double>{g, x.data(), w.data(), b.data(), want.data()});
  const auto shifted = [&](const std::vector<float>& v) {
    std::vector<float> more(v.size() + 1);
    std::copy(v.begin(), v.end(), more.begin() + 1);
    return more;
  };
  Mirror dx(cuda, shifted(t.x)), dw(cuda, shifted(t.w)), db(cuda, shifted(t.bias));
  Mirror y(cuda, std::vector<float>(want.size() + 1, 9.f));
  cuda.run(Conv2dForward<float>{g, dx.data() + 1, dw.data() + 1, db.data() + 1, y.data() + 1});
  std::vector<float> got = y.read();
  CHECK(got.front() == 9.f);
  got.erase(got.begin());
  CHECK(distance(want, got) < sum_tolerance(g.kernel * g.kernel * g.c));
}

TEST_CASE("Cuda's convolution with the folded norm, ReLU and pooling is the reference's two operations") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Reference<double> reference;
  for (const ConvGeometry& g : geometries)
    for (const Index pool : {1, 2}) {
      INFO(text(g) << ", pool " << pool);
      const NormGeometry n{g.n, g.out_h(), g.out_w(), g.o, pool, true};
      if (n.out_count() == 0) continue;
      const Tensors t(g);
      const auto scale = random(g.o, 5, -1, 2), shift = random(g.o, 6);
      const auto x = widen(t.x), w = widen(t.w), b = widen(t.bias), sd = widen(scale), hd = widen(shift);
      std::vector<double> map(to_size(g.out_count())), want(to_size(n.out_count()));
      reference.run(Conv2dForward<double>{g, x.data(), w.data(), b.data(), map.data()});
      reference.run(NormReluPoolForward<double>{n, map.data(), sd.data(), hd.data(), want.data()});
      Mirror on_x(cuda, t.x), on_w(cuda, t.w), on_b(cuda, t.bias), on_scale(cuda, scale), on_shift(cuda, shift);
      Mirror on_map(cuda, std::vector<float>(map.size(), 9.f)), y(cuda, std::vector<float>(want.size(), 9.f));
      const Conv2dNormReluPool<float> op{{g, on_x.data(), on_w.data(), on_b.data(), on_map.data()},
                                         {n, on_map.data(), on_scale.data(), on_shift.data(), y.data()}};
      REQUIRE(cuda.can(op));
      cuda.run(op);
      CHECK(distance(want, y.read(), 1) < 4 * sum_tolerance(g.kernel * g.kernel * g.c));
    }
}

TEST_CASE("Cuda makes one plan for each convolution and keeps it, and a repeated step allocates nothing") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  const ConvGeometry g = geometries[0];
  const Tensors t(g);
  Mirror x(cuda, t.x), w(cuda, t.w), dy(cuda, t.dy), dx(cuda, t.x), dw(cuda, t.w), db(cuda, t.bias), y(cuda, t.dy);
  const auto step = [&] {
    cuda.run(Conv2dForward<float>{g, x.data(), w.data(), db.data(), y.data()});
    cuda.run(Conv2dBackwardData<float>{g, dy.data(), w.data(), dx.data()});
    cuda.run(Conv2dBackwardWeights<float>{g, x.data(), dy.data(), dw.data(), db.data()});
    cuda.wait();
  };
  step();
  const std::size_t allocations = cuda.device().pool()->allocations();
  for (int i = 0; i < 3; ++i) step();
  CHECK(cuda.device().pool()->allocations() == allocations);
}

}  // namespace convolution_test

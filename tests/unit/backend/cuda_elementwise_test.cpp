#include <vector>

#include "cuda_host_device.hpp"

namespace cuda_elementwise_test {

// What the CUDA kernels compute, by their twins on the host, against the reference.

using namespace sseg;
using namespace oracle;

namespace {

/// Counts below, at and above a block, a launch's limit of threads not reached; and none.
const std::vector<Index> counts{0, 1, 31, 255, 256, 257, 1000, 70001};

/// op(T, x, y, out, count) gives the operation in T with out as output; out starts at random values.
template <class MakeOp>
void agrees(MakeOp&& op, double tolerance = few_roundings, float low = -4, float high = 4) {
  for (const Index count : counts) {
    INFO("count " << count);
    const auto x = random(count, 1, low, high), y = random(count, 2);
    const auto xd = widen(x), yd = widen(y);
    Guarded out(random(count, 3));
    auto expected = widen(out.values());
    CudaHostDevice device;
    cuda::queue(device, op(x.data(), y.data(), out.data(), count));
    Reference<double>().run(op(xd.data(), yd.data(), expected.data(), count));
    CHECK(distance(expected, out.values()) < tolerance);
    CHECK(out.whole());
  }
}

template <class T>
using In = const T*;

}  // namespace

TEST_CASE("CUDA kernels, fill, copy, add and scale agree with the reference") {
  agrees([]<class T>(In<T>, In<T>, T* out, Index n) { return Fill<T>{n, T(2.5), out}; });
  agrees([]<class T>(In<T> x, In<T>, T* out, Index n) { return Copy<T>{n, x, out}; });
  agrees([]<class T>(In<T> x, In<T> y, T* out, Index n) { return Add<T>{n, x, y, out}; });
  for (const bool accumulate : {false, true})
    agrees([=]<class T>(In<T> x, In<T>, T* out, Index n) { return Scale<T>{n, T(-0.75), x, out, accumulate}; });
}

TEST_CASE("CUDA kernels, activations and their gradients agree with the reference") {
  agrees([]<class T>(In<T> x, In<T>, T* out, Index n) { return ReluForward<T>{n, x, out}; });
  agrees([]<class T>(In<T> x, In<T> y, T* out, Index n) { return ReluBackward<T>{n, x, y, out}; });
  agrees([]<class T>(In<T> x, In<T>, T* out, Index n) { return GeluForward<T>{n, x, out}; });
  agrees([]<class T>(In<T> x, In<T> y, T* out, Index n) { return GeluBackward<T>{n, x, y, out}; });
}

TEST_CASE("CUDA kernels, biases and global pooling agree with the reference") {
  CudaHostDevice device;
  Reference<double> reference;
  for (const Index rows : {1, 3, 129})
    for (const Index cols : {1, 7, 300}) {
      INFO(rows << " rows, " << cols << " columns");
      const auto bias = random(cols, 1), start = random(rows * cols, 2);
      const auto bias_d = widen(bias);
      Guarded y(start);
      auto yd = widen(start);
      cuda::queue(device, AddBias<float>{rows, cols, bias.data(), y.data()});
      reference.run(AddBias<double>{rows, cols, bias_d.data(), yd.data()});
      CHECK(distance(yd, y.values()) < few_roundings);
      CHECK(y.whole());
    }
  for (const Index positions : {1, 9, 49})
    for (const Index c : {1, 5, 64}) {
      const Index n = 3;
      INFO(positions << " positions, " << c << " channels");
      const auto x = random(n * positions * c, 1), dy = random(n * c, 2);
      const auto xd = widen(x), dyd = widen(dy);
      Guarded y(n * c), dx(n * positions * c);
      std::vector<double> want_y(to_size(n * c)), want_dx(x.size());
      cuda::queue(device, GlobalPoolForward<float>{n, positions, c, x.data(), y.data()});
      cuda::queue(device, GlobalPoolBackward<float>{n, positions, c, dy.data(), dx.data()});
      reference.run(GlobalPoolForward<double>{n, positions, c, xd.data(), want_y.data()});
      reference.run(GlobalPoolBackward<double>{n, positions, c, dyd.data(), want_dx.data()});
      CHECK(distance(want_y, y.values(), 1) < few_roundings);
      CHECK(distance(want_dx, dx.values()) < few_roundings);
      CHECK(y.whole());
      CHECK(dx.whole());
    }
}

TEST_CASE("CUDA kernels turn weights into cuDNN's order and gradients back, exactly") {
  const Index taps = 9, c = 5, o = 7;
  const auto w = random(taps * c * o, 1), factor = random(o, 2);
  Guarded packed(taps * c * o), back(std::vector<float>(w.size(), 0.f));
  cuda::run_on_host<cuda::kernel::weights_to_krsc>(3, w.data(), factor.data(), packed.data(), taps, c, o);
  const auto p = packed.values();
  for (Index t = 0; t < taps; ++t)
    for (Index i = 0; i < c; ++i)
      for (Index k = 0; k < o; ++k)
        CHECK(p[to_size((k * taps + t) * c + i)] == w[to_size((t * c + i) * o + k)] * factor[to_size(k)]);
  CHECK(packed.whole());
  cuda::run_on_host<cuda::kernel::weights_to_krsc>(3, w.data(), nullptr, packed.data(), taps, c, o);
  cuda::run_on_host<cuda::kernel::weights_from_krsc>(3, packed.data(), back.data(), taps, c, o);
  CHECK(back.values() == w);
  CHECK(back.whole());
}

TEST_CASE("CUDA kernels fold a convolution's bias into the norm after it, and pool") {
  const Index c = 6;
  const auto bias = random(c, 1), scale = random(c, 2), shift = random(c, 3);
  Guarded out(c);
  cuda::run_on_host<cuda::kernel::fold_bias>(1, bias.data(), scale.data(), shift.data(), out.data(), c);
  for (Index i = 0; i < c; ++i) {
    const std::size_t k = to_size(i);
    CHECK(out.values()[k] == Approx(shift[k] + bias[k] * scale[k]));
  }
  cuda::run_on_host<cuda::kernel::fold_bias>(1, nullptr, scale.data(), shift.data(), out.data(), c);
  CHECK(out.values() == shift);

  const NormGeometry g{.n = 2, .h = 7, .w = 9, .c = c, .pool = 2};
  const auto x = random(g.in_count(), 4);
  const std::vector<double> xd = widen(x), one(to_size(c), 1.0), zero(to_size(c), 0.0);
  std::vector<double> want(to_size(g.out_count()));
  Reference<double>().run(NormReluPoolForward<double>{g, xd.data(), one.data(), zero.data(), want.data()});
  Guarded y(g.out_count());
  cuda::run_on_host<cuda::kernel::max_pool>(2, x.data(), y.data(), g.n, 7, 9, 6, 2);
  CHECK(distance(want, y.values()) == 0);
  CHECK(y.whole());
}

TEST_CASE("A launch's arguments are found where cudaLaunchKernel takes them") {
  const auto a = random(300, 1), b = random(300, 2);
  Guarded y(300);
  const float *pa = a.data(), *pb = b.data();
  float* py = y.data();
  long long count = 300;
  void* arguments[]{&pa, &pb, &py, &count};
  const auto twin = cuda::host_twin("sseg_add", arguments);
  REQUIRE(twin);
  count = 0;  // they were copied
  for (const long long block : {1, 0}) twin(cuda::HostBlock{block, 2});
  for (std::size_t i = 0; i < 300; ++i) CHECK(y.values()[i] == a[i] + b[i]);
  CHECK(!cuda::host_twin("sseg_nothing", arguments));
}

TEST_CASE("A grid that is too small for one value a thread, or one row a block, does all the same") {
  const auto a = random(1000, 1), b = random(1000, 2);
  Guarded y(1000), sums(7);
  cuda::run_on_host<cuda::kernel::add>(2, a.data(), b.data(), y.data(), 1000);
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(y.values()[i] == a[i] + b[i]);
  cuda::run_on_host<cuda::kernel::row_dots>(3, 1.f, a.data(), a.data(), sums.data(), 1, 7, 100);
  for (std::size_t r = 0; r < 7; ++r) {
    double want = 0;
    for (std::size_t i = 100 * r; i < 100 * r + 100; ++i) want += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    CHECK(sums.values()[r] == Approx(want).epsilon(1e-5));
  }
  CHECK((y.whole() && sums.whole()));
}

TEST_CASE("Kernels divide small and large numbers alike") {
  using cuda::HostBlock;
  const long long large = 123456789012345;
  for (const long long a : {0LL, 1LL, 41LL, 42LL, 43LL, 0xffffffffLL, 0x100000000LL, large})
    for (const long long b : {1LL, 7LL, 42LL, 0xffffffffLL, 0x100000001LL}) {
      CHECK(HostBlock::quotient_of(a, b) == a / b);
      CHECK(HostBlock::rest_of(a, b) == a % b);
    }
}

}  // namespace cuda_elementwise_test

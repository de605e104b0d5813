#include <cmath>
#include <type_traits>
#include <vector>

#include "cuda_host_device.hpp"
#include "sseg/backend/cuda/short_float.hpp"

// What the CUDA kernels compute of maps in 16 bits, by their twins on the host, against the reference.

namespace cuda_maps_test {

using namespace sseg;
using namespace oracle;
using cuda::Bf16;
using cuda::F16;

static_assert(std::is_trivial_v<Bf16> && sizeof(Bf16) == 2 && std::is_trivial_v<F16> && sizeof(F16) == 2);
static_assert(cuda::storage_of<Bf16> == cuda::Storage::bf16 && cuda::storage_of<F16> == cuda::Storage::f16 &&
              cuda::storage_of<float> == cuda::Storage::f32);
static_assert(!std::is_convertible_v<float, Bf16>, "a number is rounded by assignment alone");

/// Largest relative error of rounding to nearest.
template <class Map>
constexpr double unit = std::is_same_v<Map, Bf16> ? 0x1p-8 : 0x1p-11;

/// A map, the numbers that it holds, and guards round it.
template <class Map>
class Short {
 public:
  explicit Short(const std::vector<float>& x) : all_(x.size() + 2 * guard) {
    for (Map& v : all_) v = canary;
    for (std::size_t i = 0; i < x.size(); ++i) all_[guard + i] = x[i];
  }
  explicit Short(Index count) : Short(std::vector<float>(to_size(count), 77.f)) {}
  Map* data() { return all_.data() + guard; }
  std::vector<float> values() const { return {all_.begin() + guard, all_.end() - guard}; }
  std::vector<double> wide() const { return widen(values()); }
  bool whole() const {
    const auto kept = [](const Map& v) { return static_cast<float>(v) == canary; };
    return std::all_of(all_.begin(), all_.begin() + guard, kept) && std::all_of(all_.end() - guard, all_.end(), kept);
  }

 private:
  static constexpr int guard = 67;
  static constexpr float canary = -12288.f;  // both types hold it
  std::vector<Map> all_;
};

/// The map is what was expected, computed in float and rounded once; `size` as of `distance`.
template <class Map>
void rounds(const std::vector<double>& expected, const Short<Map>& actual, double tolerance = few_roundings) {
  CHECK(actual.whole());
  const std::vector<float> got = actual.values();
  REQUIRE(expected.size() == got.size());
  double size = 0, worst = 0;
  for (const double e : expected) size = std::max(size, std::abs(e));
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double allowed = std::abs(expected[i]) * unit<Map> + tolerance * size + 0x1p-25;
    worst = std::max(worst, std::abs(expected[i] - static_cast<double>(got[i])) / allowed);
  }
  CHECK(worst <= 1);
}

/// f(Map) for both types.
template <class F>
void on_both(F&& f) {
  {
    INFO("bfloat16");
    f(Bf16{});
  }
  {
    INFO("f16");
    f(F16{});
  }
}

/// op(x, y, out, count) of maps and, in double, of the reference.
template <class MakeOp>
void agrees(MakeOp&& op) {
  on_both([&]<class Map>(Map) {
    for (const Index count : {0, 1, 257, 5000}) {
      INFO("count " << count);
      Short<Map> x(random(count, 1, -4, 4)), y(random(count, 2)), out(count);
      const auto xd = x.wide(), yd = y.wide();
      std::vector<double> expected(to_size(count));
      CudaHostDevice device;
      const Map *const from = x.data(), *const other = y.data();
      cuda::queue(device, op(from, other, out.data(), count));
      Reference<double>().run(op(xd.data(), yd.data(), expected.data(), count));
      rounds(expected, out);
    }
  });
}

template <class T>
using In = const T*;

TEST_CASE("CUDA kernels on short maps, values one after another agree with the reference") {
  agrees([]<class T>(In<T> x, In<T>, T* out, Index n) { return Copy<T>{n, x, out}; });
  agrees([]<class T>(In<T> x, In<T> y, T* out, Index n) { return Add<T>{n, x, y, out}; });
  agrees([]<class T>(In<T> x, In<T>, T* out, Index n) { return ReluForward<T>{n, x, out}; });
  agrees([]<class T>(In<T> x, In<T> y, T* out, Index n) { return ReluBackward<T>{n, x, y, out}; });
  agrees([]<class T>(In<T> x, In<T>, T* out, Index n) { return GeluForward<T>{n, x, out}; });
  agrees([]<class T>(In<T> x, In<T> y, T* out, Index n) { return GeluBackward<T>{n, x, y, out}; });
}

TEST_CASE("CUDA kernels on short maps, a copy rounds float once, and back it is exact") {
  on_both([]<class Map>(Map) {
    const auto x = random(1000, 1, -3, 3);
    Short<Map> y(1000), want(x);
    Guarded back(1000);
    CudaHostDevice device;
    cuda::queue(device, Copy<Map, float>{1000, x.data(), y.data()});
    cuda::queue(device, Copy<float, Map>{1000, y.data(), back.data()});
    CHECK(y.values() == want.values());
    CHECK(back.values() == want.values());
    CHECK((y.whole() && back.whole()));
    rounds(widen(x), y, 0);
  });
}

TEST_CASE("CUDA kernels on short maps, global pooling sums in float and spreads gradients") {
  on_both([]<class Map>(Map) {
    for (const Index positions : {1, 49})
      for (const Index c : {1, 65}) {
        const Index n = 3;
        INFO(positions << " positions, " << c << " channels");
        Short<Map> x(random(n * positions * c, 1)), dx(n * positions * c);
        const auto dy = random(n * c, 2);
        const auto xd = x.wide(), dyd = widen(dy);
        Guarded y(n * c);
        std::vector<double> want_y(to_size(n * c)), want_dx(xd.size());
        CudaHostDevice device;
        cuda::queue(device, GlobalPoolForward<float, Map>{n, positions, c, x.data(), y.data()});
        cuda::queue(device, GlobalPoolBackward<float, Map>{n, positions, c, dy.data(), dx.data()});
        Reference<double>().run(GlobalPoolForward<double>{n, positions, c, xd.data(), want_y.data()});
        Reference<double>().run(GlobalPoolBackward<double>{n, positions, c, dyd.data(), want_dx.data()});
        CHECK(distance(want_y, y.values(), 1) < few_roundings);
        CHECK(y.whole());
        rounds(want_dx, dx);
      }
  });
}

TEST_CASE("CUDA kernels on short maps, moments and sums are taken in float") {
  on_both([]<class Map>(Map) {
    for (const Index rows : {1, 65, 5000})
      for (const Index cols : {1, 33}) {
        INFO(rows << " rows, " << cols << " columns");
        Short<Map> x(random(rows * cols, 1, 2, 4));
        const auto xd = x.wide();
        Guarded mean(cols), var(cols), sum(random(cols, 2));
        std::vector<double> want_mean(to_size(cols)), want_var(want_mean);
        auto want_sum = widen(sum.values());
        CudaHostDevice device;
        cuda::queue(device, ColumnMoments<float, Map>{rows, cols, x.data(), mean.data(), var.data()});
        cuda::queue(device, SumRows<float, Map>{rows, cols, x.data(), sum.data()});
        Reference<double>().run(ColumnMoments<double>{rows, cols, xd.data(), want_mean.data(), want_var.data()});
        Reference<double>().run(SumRows<double>{rows, cols, xd.data(), want_sum.data()});
        CHECK(distance(want_mean, mean.values()) < 2e-6);
        CHECK(distance(want_var, var.values(), 1e-3) < 1e-5);
        CHECK(distance(want_sum, sum.values()) < 2e-6);
        CHECK((mean.whole() && var.whole() && sum.whole()));
      }
  });
}

TEST_CASE("CUDA kernels on short maps, fused norm, ReLU and pool agree with the reference") {
  on_both([]<class Map>(Map) {
    for (const Index pool : {1, 2, 3})
      for (const bool relu : {false, true})
        for (const Index c : {1, 17})
          for (const bool batch : {false, true}) {
            INFO("pool " << pool << " relu " << relu << " c " << c << " batch " << batch);
            const NormGeometry g{3, 7, 8, c, pool, relu};
            Short<Map> x(coarse(g.in_count(), 1)), dy(random(g.out_count(), 6)), y(g.out_count()), dx(g.in_count());
            const auto gamma = random(c, 2, -2, 2), mean = random(c, 4, -.5f, .5f), inv_std = random(c, 5, .5f, 2);
            std::vector<float> scale(gamma), shift(random(c, 3));
            for (std::size_t i = 0; i < scale.size(); ++i) scale[i] = gamma[i] * inv_std[i];
            const auto xd = x.wide(), dyd = dy.wide(), md = widen(mean), id = widen(inv_std), sd = widen(scale),
                       hd = widen(shift);
            Guarded dgamma(random(c, 7)), dbeta(random(c, 8));
            std::vector<double> want_y(to_size(g.out_count())), want_dx(xd.size());
            auto want_gamma = widen(dgamma.values()), want_beta = widen(dbeta.values());
            CudaHostDevice device;
            Reference<double> reference;
            cuda::queue(device, NormReluPoolForward<float, Map>{g, x.data(), scale.data(), shift.data(), y.data()});
            cuda::queue(device, NormReluPoolBackward<float, Map>{g, x.data(), mean.data(), inv_std.data(), scale.data(),
                                                                 shift.data(), dy.data(), dx.data(), dgamma.data(),
                                                                 dbeta.data(), batch});
            reference.run(NormReluPoolForward<double>{g, xd.data(), sd.data(), hd.data(), want_y.data()});
            reference.run(NormReluPoolBackward<double>{g, xd.data(), md.data(), id.data(), sd.data(), hd.data(),
                                                       dyd.data(), want_dx.data(), want_gamma.data(), want_beta.data(),
                                                       batch});
            rounds(want_y, y);
            rounds(want_dx, dx, 2 * few_roundings);
            const double walk = std::sqrt(static_cast<double>(g.out_count() / c));
            CHECK(distance(want_gamma, dgamma.values(), walk) < sum_tolerance(64));
            CHECK(distance(want_beta, dbeta.values(), walk) < sum_tolerance(64));
            CHECK((dgamma.whole() && dbeta.whole()));
          }
  });
}

TEST_CASE("CUDA kernels on short maps, weights are rounded on their way and their gradients added to float ones") {
  on_both([]<class Map>(Map) {
    const Index taps = 9, c = 3, o = 5, count = taps * c * o;
    const auto w = random(count, 1);
    Short<Map> packed(count), want(w);
    CudaHostDevice device;
    device.launch<cuda::kernel::weights_to_krsc_of<Map>>(2, w.data(), nullptr, packed.data(), taps, c, o);
    for (Index t = 0; t < taps; ++t)
      for (Index i = 0; i < c; ++i)
        for (Index k = 0; k < o; ++k)
          CHECK(packed.data()[(k * taps + t) * c + i].bits == want.data()[(t * c + i) * o + k].bits);
    Guarded dw(count, 0.5f);
    device.launch<cuda::kernel::weights_from_krsc_of<Map>>(2, packed.data(), dw.data(), taps, c, o);
    for (std::size_t i = 0; i < to_size(count); ++i) CHECK(dw.values()[i] == 0.5f + want.values()[i]);
    CHECK((dw.whole() && packed.whole()));
  });
}

}  // namespace cuda_maps_test

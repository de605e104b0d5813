/// One program for every CPU: the instruction sets of `Cpu`, chosen at run time, and what its options do.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu.hpp"
#include "support/lanes.hpp"

namespace cpu_lanes_test {

using namespace sseg;

namespace {

using EverySet = BasicCpu<16, 8, 4>;
const ConvGeometry geometry{3, 13, 11, 33, 40, 3, 1, 1};

std::vector<float> convolve(EverySet& cpu, const ConvGeometry& g) {
  const auto x = oracle::random(g.in_count(), 1), w = oracle::random(g.weight_count(), 2);
  std::vector<float> y(to_size(g.out_count()));
  cpu.run(Conv2dForward<float>{g, x.data(), w.data(), nullptr, y.data()});
  return y;
}

std::vector<double> exact(const ConvGeometry& g) {
  const auto x = oracle::widen(oracle::random(g.in_count(), 1)), w = oracle::widen(oracle::random(g.weight_count(), 2));
  std::vector<double> y(to_size(g.out_count()));
  Reference<double>{}.run(Conv2dForward<double>{g, x.data(), w.data(), nullptr, y.data()});
  return y;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// A map with one odd value in its middle.
std::vector<float> convolve_odd(EverySet& cpu, float odd) {
  const ConvGeometry& g = geometry;
  auto x = oracle::random(g.in_count(), 1);
  const auto w = oracle::random(g.weight_count(), 2);
  x[to_size(((g.n / 2 * g.h + g.h / 2) * g.w + g.w / 2) * g.c)] = odd;
  std::vector<float> y(to_size(g.out_count()));
  cpu.run(Conv2dForward<float>{g, x.data(), w.data(), nullptr, y.data()});
  return y;
}

/// Output pixels of which some channel is not finite.
Index odd_pixels(const std::vector<float>& y) {
  Index count = 0;
  for (std::size_t p = 0; p < y.size(); p += to_size(geometry.o))
    count += std::any_of(y.begin() + static_cast<Index>(p), y.begin() + static_cast<Index>(p) + geometry.o,
                         [](float v) { return !std::isfinite(v); });
  return count;
}

}  // namespace

TEST_CASE("what is not finite stays in its windows, or with Winograd's algorithm in the tiles that read it") {
  for (const int lanes : {4, 8, 16})
    for (const float odd : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
      if (!EverySet::has(lanes)) continue;
      EverySet direct(CpuOptions{.threads = 1, .lanes = lanes, .winograd = false});
      EverySet winograd(CpuOptions{.threads = 1, .lanes = lanes});
      CHECK(odd_pixels(convolve_odd(direct, odd)) == 9);
      const Index found = odd_pixels(convolve_odd(winograd, odd));
      CHECK((found >= 9 && found <= 64));  // at most 2 × 2 tiles of 4 × 4
    }
}

TEST_CASE("denormal inputs are not flushed to zero") {
  const ConvGeometry& g = geometry;
  auto x = oracle::random(g.in_count(), 1);
  const auto w = oracle::random(g.weight_count(), 2);
  for (float& v : x) v *= 1e-39f;
  const auto xd = oracle::widen(x), wd = oracle::widen(w);
  std::vector<double> yd(to_size(g.out_count()));
  Reference<double>{}.run(Conv2dForward<double>{g, xd.data(), wd.data(), nullptr, yd.data()});
  on_every_cpu<EverySet>([&](EverySet& cpu) {
    std::vector<float> y(yd.size());
    cpu.run(Conv2dForward<float>{g, x.data(), w.data(), nullptr, y.data()});
    CHECK(oracle::distance(yd, y) < 1e-3);  // a rounding is 1.4e-45, whatever the size
  });
}

TEST_CASE("the widest vectors of this CPU are chosen, and named") {
  EverySet cpu(1);
  CHECK(EverySet::has(4));
  CHECK_FALSE(EverySet::has(0));
  CHECK_FALSE(BasicCpu<4>::has(8));
  const int best = cpu::Isa<16>::runs_here() ? 16 : cpu::Isa<8>::runs_here() ? 8 : 4;
  CHECK(cpu.lanes() == best);
  CHECK(cpu.instruction_set() == (best == 16 ? "AVX-512" : best == 8 ? "AVX2" : "baseline"));
}

TEST_CASE("every instruction set that is asked for is used and is right") {
  const auto expected = exact(geometry);
  for (const int lanes : {4, 8, 16}) {
    if (!EverySet::has(lanes)) continue;
    EverySet cpu(CpuOptions{.threads = 2, .lanes = lanes});
    CHECK(cpu.lanes() == lanes);
    CHECK(oracle::distance(expected, convolve(cpu, geometry)) < 8 * oracle::sum_tolerance(9 * geometry.c));
  }
}

TEST_CASE("vectors that a build does not have are refused") {
  CHECK_THROWS_WITH(BasicCpu<4>(CpuOptions{.threads = 1, .lanes = 8}),
                    Catch::Matchers::Contains("not compiled for vectors of 8 floats") &&
                        Catch::Matchers::Contains("lanes = 0 chooses what there is"));
  CHECK_THROWS_WITH(EverySet(CpuOptions{.threads = 1, .lanes = 5}), Catch::Matchers::Contains("vectors of 5 floats"));
}

TEST_CASE("Winograd's algorithm is used where it pays, and never when it is switched off") {
  const ConvGeometry strided{3, 13, 11, 33, 40, 3, 2, 1}, first_layer{3, 13, 11, 1, 40, 3, 1, 1};
  EverySet with(CpuOptions{.threads = 1}), without(CpuOptions{.threads = 1, .winograd = false});
  CHECK(same_bits(convolve(with, geometry), convolve(without, geometry)) == (with.lanes() == 4));
  CHECK(same_bits(convolve(with, strided), convolve(without, strided)));
  CHECK(same_bits(convolve(with, first_layer), convolve(without, first_layer)));
  // Direct sums round as plain sums do, which Winograd's do not on this many channels.
  CHECK(oracle::distance(exact(geometry), convolve(without, geometry)) < oracle::sum_tolerance(9 * geometry.c));
}

TEST_CASE("beside wider vectors the baseline has one way of each operation") {
  const ConvGeometry& g = geometry;
  const auto x = oracle::random(g.in_count(), 1), w = oracle::random(g.weight_count(), 2);
  std::vector<float> y(to_size(g.out_count())), mean(to_size(g.o)), var(to_size(g.o));
  const Conv2dMoments<float> joint{{g, x.data(), w.data(), nullptr, y.data()}, mean.data(), var.data()};
  EverySet beside(CpuOptions{.threads = 1, .lanes = 4});
  CHECK(beside.arithmetic() == "baseline");
  CHECK_FALSE(beside.can(joint));
  CHECK_THROWS_WITH(beside.run(joint), Catch::Matchers::Contains("no kernel of the baseline set") &&
                                           Catch::Matchers::Contains("ask can() first"));
  BasicCpu<4> alone(CpuOptions{.threads = 1});
  CHECK(alone.arithmetic() == "baseline, Winograd");
  CHECK(alone.can(joint));
  alone.run(joint);
  CHECK_FALSE(same_bits(convolve(beside, g), y));
  BasicCpu<4> direct(CpuOptions{.threads = 1, .winograd = false});
  direct.run(joint);
  CHECK(same_bits(convolve(beside, g), y));
}

TEST_CASE("a picture's outputs do not depend on the others of its batch") {
  for (const Index side : {2, 3, 4, 7, 13})
    on_every_cpu<EverySet>([&](EverySet& cpu) {
      const ConvGeometry many{9, side, side, 32, 32, 3, 1, 1}, one{1, side, side, 32, 32, 3, 1, 1};
      auto alone = convolve(cpu, one), together = convolve(cpu, many);
      together.resize(alone.size());
      CHECK(same_bits(alone, together));
    });
}

TEST_CASE("operations on nothing do nothing") {
  on_every_cpu<EverySet>([](EverySet& cpu) {
    float a[8]{}, b[8]{}, c[8]{1, 2, 3, 4, 5, 6, 7, 8};
    cpu.run(Gemm<float>{0, 2, 2, 1.f, a, false, b, false, c, false});
    cpu.run(Gemm<float>{2, 0, 2, 1.f, a, false, b, false, c, false});
    CHECK(c[0] == 1);
    const float bias[2]{3, 4};
    cpu.run(Conv2dForward<float>{{1, 2, 2, 0, 2, 3, 1, 1}, a, b, bias, c});  // no input channels
    CHECK((c[0] == 3 && c[1] == 4 && c[7] == 4));
  });
}

TEST_CASE("the way of a convolution follows from its shape") {
  using cpu::ConvWay;
  const auto way = [](const ConvGeometry& g) { return cpu::choose_way(cpu::Correlation::forward(g), 16, true); };
  CHECK(way({32, 42, 42, 64, 64, 3, 1, 1}) == ConvWay::winograd4);
  CHECK(way({128, 2, 2, 64, 64, 3, 1, 1}) == ConvWay::winograd2);
  CHECK(way({128, 1, 1, 64, 64, 3, 1, 1}) == ConvWay::direct);
  CHECK(way({32, 84, 84, 3, 32, 3, 1, 1}) == ConvWay::direct);
  CHECK(way({32, 42, 42, 15, 64, 3, 1, 1}) == ConvWay::direct);  // fewer channels than lanes
  CHECK(way({32, 42, 42, 64, 64, 1, 1, 0}) == ConvWay::direct);
  CHECK(way({32, 42, 42, 64, 64, 5, 1, 2}) == ConvWay::direct);
  CHECK(cpu::choose_weights_way(cpu::Correlation::forward({32, 42, 42, 64, 64, 3, 1, 1}), 16, true) ==
        ConvWay::winograd4);
  CHECK(cpu::choose_weights_way(cpu::Correlation::forward({32, 42, 42, 64, 64, 3, 1, 1}), 16, false) ==
        ConvWay::direct);
  CHECK(cpu::choose_weights_way(cpu::Correlation::forward({128, 2, 2, 64, 64, 3, 1, 1}), 16, true) == ConvWay::direct);
}

}  // namespace cpu_lanes_test

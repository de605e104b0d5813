/// One program for every CPU: the instruction sets of `Cpu`, chosen at run time, and what its options do.
#include <algorithm>
#include <cstring>
#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu.hpp"
#include "support/lanes.hpp"

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

}  // namespace

TEST_CASE("the widest vectors of this CPU are chosen, and named") {
  EverySet cpu(1);
  const int best = cpu::Isa<16>::runs_here() ? 16 : cpu::Isa<8>::runs_here() ? 8 : 4;
  CHECK(cpu.lanes() == best);
  CHECK(cpu.instruction_set() == (best == 16 ? "AVX-512" : best == 8 ? "AVX2" : "baseline"));
}

TEST_CASE("every instruction set that is asked for is used and is right") {
  const auto expected = exact(geometry);
  for (const int lanes : {4, 8, 16}) {
    if ((lanes == 16 && !cpu::Isa<16>::runs_here()) || (lanes == 8 && !cpu::Isa<8>::runs_here())) continue;
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
  CHECK_FALSE(same_bits(convolve(with, geometry), convolve(without, geometry)));
  CHECK(same_bits(convolve(with, strided), convolve(without, strided)));
  CHECK(same_bits(convolve(with, first_layer), convolve(without, first_layer)));
  // Direct sums round as plain sums do, which Winograd's do not on this many channels.
  CHECK(oracle::distance(exact(geometry), convolve(without, geometry)) < oracle::sum_tolerance(9 * geometry.c));
}

TEST_CASE("the way of a convolution follows from its shape") {
  using cpu::ConvWay;
  const auto way = [](const ConvGeometry& g) { return cpu::choose_way(cpu::Correlation::forward(g), true); };
  CHECK(way({32, 42, 42, 64, 64, 3, 1, 1}) == ConvWay::winograd4);
  CHECK(way({128, 2, 2, 64, 64, 3, 1, 1}) == ConvWay::winograd2);
  CHECK(way({128, 1, 1, 64, 64, 3, 1, 1}) == ConvWay::direct);
  CHECK(way({32, 84, 84, 3, 32, 3, 1, 1}) == ConvWay::direct);
  CHECK(way({32, 42, 42, 64, 64, 1, 1, 0}) == ConvWay::direct);
  CHECK(way({32, 42, 42, 64, 64, 5, 1, 2}) == ConvWay::direct);
  CHECK(cpu::choose_weights_way(cpu::Correlation::forward({32, 42, 42, 64, 64, 3, 1, 1}), true) == ConvWay::winograd4);
  CHECK(cpu::choose_weights_way(cpu::Correlation::forward({32, 42, 42, 64, 64, 3, 1, 1}), false) == ConvWay::direct);
  CHECK(cpu::choose_weights_way(cpu::Correlation::forward({128, 2, 2, 64, 64, 3, 1, 1}), true) == ConvWay::direct);
}

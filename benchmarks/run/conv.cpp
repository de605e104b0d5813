/// The three passes of 3×3 convolutions, stride 1, pad 1, on one thread and in CPU time: GFLOP/s and percent of the FMA
/// limit measured in the same process.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "fma_peak.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/core/rng.hpp"

namespace {

using namespace sseg;

enum class Pass { forward, backward_data, backward_weights };

std::vector<float> random(Index count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> v(to_size(count));
  for (float& x : v) x = rng.uniform(-1, 1);
  return v;
}

void convolve(benchmark::State& state, Pass pass, ConvGeometry g) {
  Cpu cpu(1);
  auto x = random(g.in_count(), 1), w = random(g.weight_count(), 2), y = random(g.out_count(), 3);
  for (auto _ : state) {
    if (pass == Pass::forward) cpu.run(Conv2dForward<float>{g, x.data(), w.data(), nullptr, y.data()});
    if (pass == Pass::backward_data) cpu.run(Conv2dBackwardData<float>{g, y.data(), w.data(), x.data()});
    if (pass == Pass::backward_weights) cpu.run(Conv2dBackwardWeights<float>{g, x.data(), y.data(), w.data(), nullptr});
    benchmark::ClobberMemory();
  }
  using benchmark::Counter;
  const double flops = 2.0 * static_cast<double>(g.macs()) * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = Counter(flops * 1e-9, Counter::kIsRate);
  state.counters["%peak"] = Counter(100 * flops / bench::fma_peak(), Counter::kIsRate);
}

void add(const char* name, Pass pass, const ConvGeometry& g) {
  const std::string label = std::string(name) + "/" + std::to_string(g.n) + "x" + std::to_string(g.h) + "^2/" +
                            std::to_string(g.c) + "->" + std::to_string(g.o);
  benchmark::RegisterBenchmark(label.c_str(), [=](benchmark::State& state) {
    convolve(state, pass, g);
  })->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<ConvGeometry> shapes{{32, 84, 84, 3, 32},    {32, 84, 84, 32, 32},   {32, 42, 42, 32, 64},
                                         {32, 42, 42, 64, 64},   {32, 21, 21, 64, 128},  {32, 21, 21, 128, 128},
                                         {32, 10, 10, 128, 256}, {32, 10, 10, 256, 256}, {128, 28, 28, 1, 32},
                                         {128, 14, 14, 32, 32},  {128, 7, 7, 64, 64},    {128, 3, 3, 64, 64},
                                         {128, 5, 5, 64, 64}};
  for (const auto& g : shapes) {
    add("forward", Pass::forward, g);
    add("backward_data", Pass::backward_data, g);
    add("backward_weights", Pass::backward_weights, g);
  }
  benchmark::AddCustomContext("fma_peak_gflops", std::to_string(bench::fma_peak() * 1e-9));
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

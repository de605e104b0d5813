// Pictures a second of the synthetic generator, by level, size and channels, on one thread.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "sseg/curriculum.hpp"

namespace {

void generate(benchmark::State& state) {
  const sseg::SyntheticGenerator set{
      .level = state.range(0), .count = 1 << 20, .side = state.range(1), .channels = state.range(2)};
  std::vector<float> picture(sseg::to_size(set.spec().shape.count()));
  sseg::Index i = 0;
  for (auto _ : state) {
    set.read(i++, {picture.data(), set.spec().shape});
    benchmark::DoNotOptimize(picture.data());
  }
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

BENCHMARK(generate)
    ->ArgNames({"level", "side", "channels"})
    ->ArgsProduct({{1, 2, 3, 4}, {84}, {1, 3}})
    ->Args({1, 28, 1})
    ->Args({4, 32, 3})
    ->Unit(benchmark::kMicrosecond);

BENCHMARK_MAIN();

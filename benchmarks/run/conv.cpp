/// The three passes of 3×3 convolutions, stride 1, pad 1, on one thread and in CPU time: GFLOP/s of the direct
/// algorithm's operations, and percent of the FMA limit measured in the same process. Side by side:
///   forward/… backward_data/… backward_weights/…   as the Cpu chooses
///   direct/…                                       the direct kernels
///   winograd/…                                     Winograd's algorithm, for the shapes where it is chosen
///   onednn/…                                       oneDNN, where the build has it; the label is its name of the code
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "fma_peak.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/core/rng.hpp"
#if defined(SSEG_BENCH_ONEDNN)
#include "sseg/backend/onednn.hpp"  // optional
#endif

namespace {

using namespace sseg;

enum class Pass { forward, backward_data, backward_weights };

std::vector<float> random(Index count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> v(to_size(count));
  for (float& x : v) x = rng.uniform(-1, 1);
  return v;
}

/// f(operation) for the pass.
template <class F>
void with_operation(Pass pass, const ConvGeometry& g, float* x, float* w, float* y, F&& f) {
  if (pass == Pass::forward) f(Conv2dForward<float>{g, x, w, nullptr, y});
  if (pass == Pass::backward_data) f(Conv2dBackwardData<float>{g, y, w, x});
  if (pass == Pass::backward_weights) f(Conv2dBackwardWeights<float>{g, x, y, w, nullptr});
}

template <class B>
void convolve(benchmark::State& state, B& backend, Pass pass, const ConvGeometry& g) {
  auto x = random(g.in_count(), 1), w = random(g.weight_count(), 2), y = random(g.out_count(), 3);
  with_operation(pass, g, x.data(), w.data(), y.data(), [&](const auto& operation) {
    backend.run(operation);  // sizes the workspace
    for (auto _ : state) {
      backend.run(operation);
      benchmark::ClobberMemory();
    }
    if constexpr (requires { backend.implementation(operation); }) state.SetLabel(backend.implementation(operation));
  });
  using benchmark::Counter;
  const double flops = 2.0 * static_cast<double>(g.macs()) * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = Counter(flops * 1e-9, Counter::kIsRate);
  state.counters["%peak"] = Counter(100 * flops / bench::fma_peak(), Counter::kIsRate);
}

const char* name_of(Pass pass) {
  const char* names[]{"forward", "backward_data", "backward_weights"};
  return names[static_cast<int>(pass)];
}

/// Registers `group`PASS/SHAPE on the backend that make() makes.
template <class Make>
void add(const std::string& group, Pass pass, const ConvGeometry& g, Make make) {
  const std::string label = group + name_of(pass) + "/" + std::to_string(g.n) + "x" + std::to_string(g.h) + "^2/" +
                            std::to_string(g.c) + "->" + std::to_string(g.o);
  benchmark::RegisterBenchmark(label.c_str(), [=](benchmark::State& state) {
    auto backend = make();
    convolve(state, backend, pass, g);
  })->Unit(benchmark::kMillisecond);
}

bool by_winograd(Pass pass, const ConvGeometry& g, Index lanes) {
  if (pass == Pass::backward_weights)
    return cpu::choose_weights_way(cpu::Correlation::forward(g), lanes, true) != cpu::ConvWay::direct;
  const auto s = pass == Pass::forward ? cpu::Correlation::forward(g) : cpu::Correlation::backward_data(g);
  return cpu::choose_way(s, lanes, true) != cpu::ConvWay::direct;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<ConvGeometry> shapes{{32, 84, 84, 3, 32},    {32, 84, 84, 32, 32},   {32, 42, 42, 32, 64},
                                         {32, 42, 42, 64, 64},   {32, 21, 21, 64, 128},  {32, 21, 21, 128, 128},
                                         {32, 10, 10, 128, 256}, {32, 10, 10, 256, 256}, {128, 28, 28, 1, 32},
                                         {128, 14, 14, 32, 32},  {128, 7, 7, 64, 64},    {128, 3, 3, 64, 64},
                                         {128, 5, 5, 64, 64}};
  const Index lanes = Cpu(1).lanes();
  const auto as_chosen = [] { return Cpu(1); };
  const auto directly = [] { return Cpu(CpuOptions{.threads = 1, .winograd = false}); };
  for (const auto& g : shapes)
    for (const Pass pass : {Pass::forward, Pass::backward_data, Pass::backward_weights}) {
      add("", pass, g, as_chosen);
      add("direct/", pass, g, directly);
      if (by_winograd(pass, g, lanes)) add("winograd/", pass, g, as_chosen);
#if defined(SSEG_BENCH_ONEDNN)
      add("onednn/", pass, g, [] { return OneDnn(OneDnnOptions{.threads = 1, .pieces = 1}); });
#endif
    }
  benchmark::AddCustomContext("fma_peak_gflops", std::to_string(bench::fma_peak() * 1e-9));
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

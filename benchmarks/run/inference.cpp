// Features of pictures that lie in memory: see feature_batch.hpp.
//   bench_inference                                          all of them, Google Benchmark's own flags
//   bench_inference NET INPUT THREADS BATCH [SECONDS|turns]  one of them, as turns.hpp says
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "feature_batch.hpp"
#include "sseg/backend/cpu.hpp"
#include "turns.hpp"

using namespace sseg;

namespace {

/// A call embeds a batch.
class Inference {
 public:
  Inference(const std::string& net, const bench::Input& in, int threads, Index batch)
      : cpu_(threads), features_(cpu_, net, in, batch) {}

  void operator()() { benchmark::DoNotOptimize(features_().rows.data()); }

 private:
  Cpu cpu_;
  bench::FeatureBatch<Cpu> features_;
};

int run_one(const std::string& net, const std::string& input, int threads, Index batch, const char* how) {
  if (bench::nets.count(net) == 0 || bench::inputs.count(input) == 0 || threads < 1 || batch < 1) {
    std::fprintf(stderr, "bench_inference: NET a, b or c; INPUT 28, 32 or 84; THREADS ≥ 1; BATCH ≥ 1\n");
    return 2;
  }
  const double before = bench::begin_memory();
  Inference inference(net, bench::inputs.at(input), threads, batch);
  return bench::take_turns(bench::Work<Inference>{inference, static_cast<double>(batch), threads, before}, how);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 5 && argv[1][0] != '-')
    return run_one(argv[1], argv[2], std::atoi(argv[3]), std::atoi(argv[4]), argc > 5 ? argv[5] : "2");
  for (const auto& [net, widths] : bench::nets)
    for (const auto& [input, shape] : bench::inputs)
      for (const int threads : {1, 2})
        for (const Index batch : {1, 75}) {
          const std::string label =
              net + "/" + input + "/batch:" + std::to_string(batch) + "/threads:" + std::to_string(threads);
          benchmark::RegisterBenchmark(label.c_str(), [net = net, shape = shape, threads,
                                                       batch](benchmark::State& state) {
            Inference inference(net, shape, threads, batch);
            for (auto _ : state) inference();
            state.SetItemsProcessed(state.iterations() * batch);
          })->UseRealTime();
        }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

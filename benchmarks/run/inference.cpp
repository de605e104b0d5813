// Features of pictures that lie in memory, as a program gets them that uses a trained net: Embedder::embed of a batch,
// copying of the pictures included. Nets as in train_step.cpp, read out by Flatten as the seed nets are.
//   bench_inference                                          all of them, Google Benchmark's own flags
//   bench_inference NET INPUT THREADS BATCH [SECONDS|turns]  one of them, as turns.hpp says
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "peer_nets.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/data/images.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/stack.hpp"
#include "turns.hpp"

using namespace sseg;

namespace {

/// A call embeds a batch.
class Inference {
 public:
  Inference(const std::string& net, const bench::Input& in, int threads, Index batch)
      : cpu_(threads),
        net_(frozen(cpu_, bench::make_backbone<Flatten>(bench::nets.at(net), in.channels))),
        images_{"noise",
                {in.side, in.side, in.channels},
                bench::normal_noise(batch * in.side * in.side * in.channels, 2),
                {},
                {},
                {},
                {}},
        embedder_(cpu_, batch) {}

  void operator()() { benchmark::DoNotOptimize(embedder_.embed(net_, images_).rows.data()); }

 private:
  static FrozenNet<Cpu, EvolvableCnn<Flatten>> frozen(Cpu& cpu, EvolvableCnn<Flatten> net) {
    auto store = make_store<float>(net, 0, Rng(1));
    return {cpu, std::move(net), std::move(store)};
  }

  Cpu cpu_;
  FrozenNet<Cpu, EvolvableCnn<Flatten>> net_;
  Images images_;
  Embedder<Cpu> embedder_;
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

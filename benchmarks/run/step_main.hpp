#pragma once
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "peer_nets.hpp"
#include "turns.hpp"

namespace bench {

/// The main of a program that measures training steps: all nets, inputs and one or two threads under Google Benchmark's
/// own flags, or `NET INPUT THREADS [SECONDS|turns]`. `Step(net, input, threads)`, called, takes a step;
/// `Step::images(input)` count as its work, `workspace_bytes()` are what it holds.
template <class Step>
int step_main(int argc, char** argv) {
  if (argc >= 4 && argv[1][0] != '-') {
    const int threads = std::atoi(argv[3]);
    if (nets.count(argv[1]) == 0 || inputs.count(argv[2]) == 0 || threads < 1) {
      std::fprintf(stderr, "%s: NET a, b or c; INPUT 28, 32 or 84; THREADS ≥ 1\n", argv[0]);
      return 2;
    }
    const double before = begin_memory();
    const Input in = inputs.at(argv[2]);
    Step step(argv[1], in, threads);
    return take_turns(Work<Step>{step, static_cast<double>(Step::images(in)), threads, before},
                      argc > 4 ? argv[4] : "2");
  }
  for (const auto& [net, widths] : nets)
    for (const auto& [input, in] : inputs)
      for (const int threads : {1, 2}) {
        const std::string label = net + "/" + input + "/threads:" + std::to_string(threads);
        benchmark::RegisterBenchmark(label.c_str(), [net = net, in = in, threads](benchmark::State& state) {
          Step step(net, in, threads);
          step();  // sizes the workspace
          for (auto _ : state) step();
          state.SetItemsProcessed(state.iterations() * Step::images(in));
          state.counters["workspace_MB"] = static_cast<double>(step.workspace_bytes()) * 1e-6;
        })->UseRealTime();
      }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace bench

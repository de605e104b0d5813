// One whole training step: forward, NT-Xent, backward, AdamW, on inputs that lie ready. Nets: four times [conv 3×3,
// batch norm, ReLU, max pool 2], global pool, projector (256, 128).
//   bench_train_step                                 all of them, Google Benchmark's own flags
//   bench_train_step NET INPUT THREADS [STEPS]       one of them; prints "<number> images/s", the median over STEPS
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "sseg/augment/view_set.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/stack.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/step.hpp"

using namespace sseg;

namespace {

using Loss = Objective<Term<NtXent>>;
using Net = Learner<GlobalPool, Loss::Heads>;

const std::map<std::string, std::vector<Index>> nets{
    {"a", {32, 32, 32, 32}}, {"b", {64, 64, 64, 64}}, {"c", {32, 64, 128, 256}}};
struct Input {
  Index images, side, channels;
};
const std::map<std::string, Input> inputs{{"28", {512, 28, 1}}, {"32", {256, 32, 3}}, {"84", {128, 84, 3}}};

Net make_net(const std::vector<Index>& widths, Index channels) {
  EvolvableCnn<GlobalPool> cnn;
  for (const Index width : widths) {
    stages(cnn).push_back(make_stage(channels, width, 2));
    channels = width;
  }
  return chain(std::move(cnn), Loss::Heads{{projection_head(channels, 256, 128)}, {true}});
}

void train_step(benchmark::State& state, const std::string& net_name, const std::string& input_name, int threads) {
  const Input in = inputs.at(input_name);
  Cpu cpu(threads);
  const Net net = make_net(nets.at(net_name), in.channels);
  auto store = make_store<float>(net, AdamW::moments, Rng(1));
  Buffer<float> x(in.images * in.side * in.side * in.channels);
  Rng rng(2);
  for (float& v : x) v = rng.normal();
  const ViewSet::Views views{{x.data(), {in.images, in.side, in.side, in.channels}}, {}, {}, in.images / 2};
  const Loss loss = objective(task(NtXent{0.5f}));
  LossMemory<float> memory;
  Step<float> step;
  const auto once = [&] {
    benchmark::DoNotOptimize(step.run(cpu, net, store, store, views, loss, memory, {}));
    AdamW{}.update(cpu, store, 1e-3f);
  };
  once();  // sizes the workspace
  for (auto _ : state) once();
  state.SetItemsProcessed(state.iterations() * in.images);
  state.counters["workspace_MB"] = static_cast<double>(step.trace().bytes()) * 1e-6;
}

/// Prints the one figure that benchmarks/peers asks for.
class ImagesPerSecond : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs)
      if (run.run_type == Run::RT_Aggregate && run.aggregate_name == "median")
        GetOutputStream() << run.counters.at("items_per_second").value << " images/s\n";
  }
};

int run_one(const std::string& net, const std::string& input, int threads, int steps) {
  if (nets.count(net) == 0 || inputs.count(input) == 0 || threads < 1 || steps < 2) {
    std::fprintf(stderr, "bench_train_step: NET a, b or c; INPUT 28, 32 or 84; THREADS ≥ 1; STEPS ≥ 2\n");
    return 2;
  }
  benchmark::RegisterBenchmark("step", [=](benchmark::State& s) { train_step(s, net, input, threads); })
      ->Iterations(1)
      ->Repetitions(steps)
      ->UseRealTime();
  ImagesPerSecond reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 4 && argv[1][0] != '-')
    return run_one(argv[1], argv[2], std::atoi(argv[3]), argc > 4 ? std::atoi(argv[4]) : 7);
  for (const auto& [net, widths] : nets)
    for (const auto& [input, shape] : inputs)
      for (const int threads : {1, 2}) {
        const std::string label = net + "/" + input + "/threads:" + std::to_string(threads);
        benchmark::RegisterBenchmark(label.c_str(), [net = net, input = input, threads](benchmark::State& s) {
          train_step(s, net, input, threads);
        })->UseRealTime();
      }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

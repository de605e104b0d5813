// A training step whose batch is shared by the ranks that mpirun has started, one thread each, and the messages that it
// is made of. Iterations are fixed, since all ranks must take the same; rank 0 reports.
//   mpirun -np 1 bench_ranks;  mpirun -np 2 bench_ranks          Google Benchmark's own flags, but for
//   --benchmark_min_time
// step/NET/INPUT/shared|own/bucket:B: forward, NT-Xent over the whole batch, backward, sum of the gradients, AdamW,
// with batch norms of the whole batch or of each rank's part. Gradients are summed B parameters at once while the
// backward pass runs, or all after it (0). Counters a step: bytes that a rank sends, messages, time that it waits.
#include <benchmark/benchmark.h>

#include <span>
#include <string>
#include <vector>

#include "contrastive_net.hpp"
#include "sseg/augment/view_set.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/dist/across.hpp"
#include "sseg/dist/mpi.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/step.hpp"

using namespace sseg;

namespace {

/// Reports a step's or message's share of the traffic.
void count_traffic(benchmark::State& state, const MpiTraffic& before, const MpiTraffic& after) {
  const auto each = [&](double whole) { return whole / static_cast<double>(state.iterations()); };
  state.counters["bytes_sent"] = each(static_cast<double>(after.bytes - before.bytes));
  state.counters["messages"] = each(static_cast<double>(after.calls - before.calls));
  state.counters["wait_ms"] = 1e3 * each(after.seconds - before.seconds);
}

void step(benchmark::State& state, Mpi& ranks, const std::string& name, const bench::Input& in, bool shared,
          Index bucket) {
  Cpu cpu(1);
  Across across(cpu, ranks, shared, bucket);
  const bench::ContrastiveNet net = bench::contrastive_net(name, in.channels);
  auto store = make_store<float>(net, AdamW::moments, Rng(1));
  const Index images = in.images / ranks.size();
  const auto x =
      bench::normal_noise(images * in.side * in.side * in.channels, static_cast<std::uint64_t>(2 + ranks.rank()));
  const ViewSet::Views views{{x.data(), {images, in.side, in.side, in.channels}}, {}, {}, images / 2};
  const bench::ContrastiveLoss loss = objective(task(NtXent{0.5f}));
  LossMemory<float> memory;
  Step<float> one;
  const auto take = [&] {
    benchmark::DoNotOptimize(one.run(across, net, store, store, views, loss, memory, {}));
    AdamW{}.update(cpu, store, 1e-3f);
  };
  take();  // sizes the workspace
  const MpiTraffic before = ranks.traffic();
  for (auto _ : state) take();
  count_traffic(state, before, ranks.traffic());
  state.counters["params"] = static_cast<double>(net.param_count());
  state.SetItemsProcessed(state.iterations() * in.images);
}

void all_reduce(benchmark::State& state, Mpi& ranks, Index floats) {
  std::vector<float> x(to_size(floats), 1e-3f);
  ranks.all_reduce(std::span<float>(x));
  const MpiTraffic before = ranks.traffic();
  for (auto _ : state) ranks.all_reduce(std::span<float>(x));
  count_traffic(state, before, ranks.traffic());
}

/// NT-Xent of 128 rows among `rows` of all ranks.
void part_of_loss(benchmark::State& state, Index rows) {
  Cpu cpu(1);
  const NtXent loss{0.5f};
  const Shape part{128, 128}, all{rows, 128};
  const auto z = bench::normal_noise(all.count(), 3);
  Buffer<float> dz(part.count()), d_unit(all.count()), scratch(loss.part_scratch(part, all));
  std::vector<Index> positive(to_size(rows));
  for (Index i = 0; i < rows; ++i) positive[to_size(i)] = i / 128 * 128 + (i + 64) % 128;
  LossArgs<float> a{};
  a.z = {z.data(), part}, a.dz = {dz.data(), part}, a.scratch = scratch.span(), a.positive = positive;
  const View<float> sum{d_unit.data(), all};
  for (auto _ : state) {
    benchmark::DoNotOptimize(loss.part(cpu, a, {z.data(), all}, 0, sum));
    loss.finish_part(cpu, a, {z.data(), all}, 0, sum);
  }
}

/// Of all ranks one reports.
struct Silence : benchmark::BenchmarkReporter {
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

void register_all(Mpi& ranks) {
  for (const std::string net : {"a", "c"})
    for (const std::string input : {"32", "84"})
      for (const bool shared : {true, false})
        for (const Index bucket : {0, 16384, 65536, 262144})
          benchmark::RegisterBenchmark(
              ("step/" + net + "/" + input + (shared ? "/shared" : "/own") + "/bucket:" + std::to_string(bucket))
                  .c_str(),
              [=, &ranks](benchmark::State& s) { step(s, ranks, net, bench::inputs.at(input), shared, bucket); })
              ->UseRealTime()
              ->Unit(benchmark::kMillisecond)
              ->Iterations(12);
  for (const Index floats : {2, 256, 2048, 16384, 262144, 1048576})
    benchmark::RegisterBenchmark(("all_reduce/" + std::to_string(4 * floats)).c_str(),
                                 [=, &ranks](benchmark::State& s) { all_reduce(s, ranks, floats); })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond)
        ->Iterations(floats > 100000 ? 100 : 2000);
  for (const Index rows : {256, 2048, 16384})
    benchmark::RegisterBenchmark(("nt_xent/" + std::to_string(rows)).c_str(),
                                 [=](benchmark::State& s) { part_of_loss(s, rows); })
        ->Unit(benchmark::kMillisecond)
        ->Iterations(6);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  Mpi ranks;
  return ranks.guard([&] {
    register_all(ranks);
    Silence silence;
    if (ranks.rank() == 0)
      benchmark::RunSpecifiedBenchmarks();
    else
      benchmark::RunSpecifiedBenchmarks(&silence);
    return 0;
  });
}

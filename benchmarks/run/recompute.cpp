// What running blocks forward again in backward costs and saves: a training step (forward, backward) of nets whose four
// stages hold 0, 2 or 4 residual blocks, with and without `recompute`. workspace_MB: all that the step holds.
#include <benchmark/benchmark.h>

#include "peer_nets.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/trace.hpp"

using namespace sseg;

namespace {

void train_step(benchmark::State& state) {
  auto net = bench::make_backbone<GlobalPool>(bench::nets.at("a"), 3);
  for (Index s = 0; s < 4; ++s)
    for (Index b = 0; b < state.range(0); ++b) residuals(stages(net)[s]).push_back(make_identity_block(32));
  set_recompute(net, state.range(1) != 0);
  const Shape in{32, 84, 84, 3};
  Cpu cpu(1);
  auto store = make_store<float>(net, 0, Rng(1));
  Trace<float> trace;
  const auto x = bench::normal_noise(in.count(), 2), dy = bench::normal_noise(net.out_shape(in).count(), 3);
  const auto step = [&] {
    trace.forward(cpu, net, store, {x.data(), in}, Mode::train);
    trace.backward(cpu, net, store, {x.data(), in}, {dy.data(), net.out_shape(in)});
  };
  step();  // sizes the workspace
  for (auto _ : state) step();
  state.SetItemsProcessed(state.iterations() * in[0]);
  state.counters["workspace_MB"] = static_cast<double>(trace.bytes()) * 1e-6;
}

BENCHMARK(train_step)->ArgNames({"blocks", "recompute"})->ArgsProduct({{0, 2, 4}, {0, 1}})->UseRealTime();

}  // namespace

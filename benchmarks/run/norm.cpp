/// Batch norm's statistics and the fused normalise → ReLU → max pool, forward and backward, on one thread and in CPU
/// time: GB/s of the traffic that each needs at least (input read once per pass over it, output written once).
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/core/rng.hpp"

namespace {

using namespace sseg;

std::vector<float> random(Index count, std::uint64_t seed, float low, float high) {
  Rng rng(seed);
  std::vector<float> v(to_size(count));
  for (float& x : v) x = rng.uniform(low, high);
  return v;
}

struct Tensors {
  NormGeometry g;
  std::vector<float> x, dy, dx, mean, var, scale, shift, inv_std, dgamma, dbeta;

  explicit Tensors(const NormGeometry& geometry)
      : g(geometry),
        x(random(g.in_count(), 1, -1, 1)),
        dy(random(g.out_count(), 2, -1, 1)),
        dx(x),
        mean(random(g.c, 3, -.1f, .1f)),
        var(random(g.c, 4, .5f, 2)),
        scale(random(g.c, 5, .5f, 2)),
        shift(random(g.c, 6, -1, 1)),
        inv_std(random(g.c, 7, .5f, 2)),
        dgamma(to_size(g.c)),
        dbeta(to_size(g.c)) {}
};

void report(benchmark::State& state, Index floats) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(floats) * 4);
}

void moments(benchmark::State& state, NormGeometry g) {
  Cpu cpu(1);
  Tensors t(g);
  for (auto _ : state) cpu.run(ColumnMoments<float>{g.n * g.h * g.w, g.c, t.x.data(), t.mean.data(), t.var.data()});
  report(state, g.in_count());
}

void forward(benchmark::State& state, NormGeometry g) {
  Cpu cpu(1);
  Tensors t(g);
  for (auto _ : state) cpu.run(NormReluPoolForward<float>{g, t.x.data(), t.scale.data(), t.shift.data(), t.dy.data()});
  report(state, g.in_count() + g.out_count());
}

void backward(benchmark::State& state, NormGeometry g) {
  Cpu cpu(1);
  Tensors t(g);
  for (auto _ : state)
    cpu.run(NormReluPoolBackward<float>{g, t.x.data(), t.mean.data(), t.inv_std.data(), t.scale.data(), t.shift.data(),
                                        t.dy.data(), t.dx.data(), t.dgamma.data(), t.dbeta.data(), true});
  report(state, 3 * g.in_count() + 2 * g.out_count());
}

void add(const char* name, void (*run)(benchmark::State&, NormGeometry), const NormGeometry& g) {
  const std::string label = std::string(name) + "/" + std::to_string(g.n) + "x" + std::to_string(g.h) + "^2x" +
                            std::to_string(g.c) + "/pool" + std::to_string(g.pool);
  benchmark::RegisterBenchmark(label.c_str(), [=](benchmark::State& state) {
    run(state, g);
  })->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<NormGeometry> shapes{
      {128, 84, 84, 32, 2, true}, {128, 42, 42, 64, 2, true}, {128, 21, 21, 128, 2, true}, {128, 10, 10, 256, 2, true},
      {128, 42, 42, 64, 1, true}, {256, 32, 32, 32, 2, true}, {512, 7, 7, 64, 2, true},    {512, 3, 3, 64, 1, true}};
  for (const auto& g : shapes) {
    add("moments", moments, g);
    add("forward", forward, g);
    add("backward", backward, g);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

// The rows of the CPU's tables on a GPU: training steps, steps of DINO, features. Each row is first held against the
// Cpu; one that differs is not measured. Without a GPU it says why and ends with 0.
//   bench_gpu         all of them, with every precision, steps as graphs and call by call, Google Benchmark's own flags
//   bench_gpu device  the name of the GPU
// One of them, as turns.hpp says; PRECISION f32, tf32, bf16, f16 (a scale for each tensor) or f16loss (one on the
// loss), with +graph behind it for steps as graphs:
//   bench_gpu step|dino NET INPUT PRECISION [SECONDS|turns]
//   bench_gpu features NET INPUT PRECISION BATCH [SECONDS|turns]
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "dino_step.hpp"
#include "feature_batch.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/cuda.hpp"
#include "training_step.hpp"
#include "turns.hpp"

using namespace sseg;

namespace {

/// What a row is measured with.
struct How {
  std::string precision;
  bool graphs = false;
  bool exact() const { return precision == "f32"; }
  std::string text() const { return precision + (graphs ? "+graph" : ""); }
};

/// f(backend) on a GPU that computes so.
template <class F>
auto on_gpu(const How& how, F&& f) {
  const CudaOptions options{.tf32 = how.precision == "tf32",
                            .graph = how.graphs ? cuda::GraphUse::on : cuda::GraphUse::off};
  const auto with = [&]<class B>(std::type_identity<B>) {
    B backend(options);
    return f(backend);
  };
  if (how.precision == "bf16") return with(std::type_identity<BasicCuda<cuda::Storage::bf16>>{});
  if (how.precision == "f16") return with(std::type_identity<BasicCuda<cuda::Storage::f16>>{});
  if (how.precision == "f16loss")
    return with(std::type_identity<BasicCuda<cuda::Storage::f16, cuda::GradientScaling::whole_loss>>{});
  return with(std::type_identity<Cuda>{});
}

/// How far the device may be from the Cpu, relative to the largest value: float rounding, or 10 bits of mantissa, or 7.
double tolerance(const How& how) { return how.exact() ? 1e-4 : how.precision == "bf16" ? 1e-1 : 2e-2; }
/// The same for gradients. On these inputs the Cpu's and those of Reference<float> are 0.01 apart: rounding moves a
/// pooled maximum to its neighbour in a near tie.
double gradient_tolerance(const How& how) { return how.exact() ? 0.03 : how.precision == "bf16" ? 0.6 : 0.3; }

/// ‖a − b‖ / ‖a‖.
double distance(std::span<const float> a, std::span<const float> b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]), d = x - static_cast<double>(b[i]);
    difference += d * d;
    size += x * x;
  }
  return std::sqrt(difference / size);
}

/// Measures `once` until its work is done, not only queued.
template <class B, class F>
void measure(benchmark::State& state, B& cuda, double images, F&& once) {
  for (int i = 0; i < 3; ++i) once();  // plans, kernels, workspace; graphs are captured the second time
  cuda.wait();
  for (auto _ : state) {
    once();
    cuda.wait();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(static_cast<double>(state.iterations()) * images));
  state.counters["device_MB"] = static_cast<double>(cuda.device().pool()->bytes_held()) * 1e-6;
  state.counters["graphs"] = static_cast<double>(cuda.device().work().graphs().launched());
}

/// What a step's first call gives on the Cpu.
struct FirstStep {
  double loss = 0;
  std::vector<float> gradient;
};
/// Computed once for all rows of this net and input.
template <template <class> class Step>
const FirstStep& on_cpu(const std::string& net, const bench::Input& in) {
  static std::map<std::pair<std::string, Index>, FirstStep> known;
  const auto [at, fresh] = known.try_emplace({net, in.side});
  if (fresh) {
    Cpu cpu(0);
    Step<Cpu> here(cpu, net, in);
    at->second.loss = here();
    at->second.gradient = here.gradient();
  }
  return at->second;
}

template <template <class> class Step>
void step_row(benchmark::State& state, const std::string& net, const bench::Input& in, const How& how) {
  const FirstStep& here = on_cpu<Step>(net, in);
  on_gpu(how, [&]<class B>(B& cuda) {
    Step<B> there(cuda, net, in);
    const double want = here.loss, got = there();
    if (!(std::abs(got - want) <= tolerance(how) * std::abs(want)))
      return state.SkipWithError(
          ("the loss is " + std::to_string(got) + ", on the Cpu " + std::to_string(want)).c_str());
    double apart = distance(here.gradient, there.gradient());
    for (int i = 0; i < 20 && !std::isfinite(apart);
         ++i) {  // a scale on the loss that has to fall first; nothing moves
      there();
      apart = distance(here.gradient, there.gradient());
    }
    if (!(apart <= gradient_tolerance(how)))
      return state.SkipWithError(("the gradients are " + std::to_string(apart) + " apart from the Cpu's").c_str());
    state.counters["gradients_apart"] = apart;
    measure(state, cuda, static_cast<double>(Step<B>::images(in)), [&] { there.start(); });
  });
}

void feature_row(benchmark::State& state, const std::string& net, const bench::Input& in, Index batch, const How& how) {
  Cpu cpu(0);
  const Features want = bench::FeatureBatch<Cpu>(cpu, net, in, batch)();
  on_gpu(how, [&]<class B>(B& cuda) {
    bench::FeatureBatch<B> features(cuda, net, in, batch);
    const Features got = features();
    if (!(distance(want.rows.span(), got.rows.span()) <= tolerance(how)))
      return state.SkipWithError("the features are not those of the Cpu");
    measure(state, cuda, static_cast<double>(batch), [&] { benchmark::DoNotOptimize(features().rows.data()); });
  });
}

template <class F>
void add_row(const std::string& name, F row) {
  benchmark::RegisterBenchmark(name.c_str(), row)->UseRealTime();
}

void add_rows(const How& how) {
  const std::string end = "/" + how.text();
  for (const auto& [name, widths] : bench::nets)
    for (const auto& [side, shape] : bench::inputs) {
      const std::string net = name, row = name + "/" + side;
      const bench::Input in = shape;
      add_row("step/" + row + end, [=](benchmark::State& s) { step_row<bench::TrainingStep>(s, net, in, how); });
      add_row("dino/" + row + end, [=](benchmark::State& s) { step_row<bench::DinoStep>(s, net, in, how); });
      if (how.graphs) continue;  // of steps alone
      for (const Index batch : {1, 75})
        add_row("features/" + row + "/batch:" + std::to_string(batch) + end,
                [=](benchmark::State& s) { feature_row(s, net, in, batch, how); });
    }
}

/// Calls of `once` by turns, each until its work is done. The memory that is told of is the host's.
template <class B, class F>
int take_turns(B& cuda, double images, const std::string& how, F&& once) {
  auto whole = [&] {
    once();
    cuda.wait();
  };
  return bench::take_turns(bench::Work<decltype(whole)>{whole, images, 0, bench::begin_memory()}, how);
}

/// `words`: all of the command line.
template <class B>
int run_one(B& cuda, const std::vector<std::string>& words, bool graphs) {
  const bench::Input in = bench::inputs.at(words[3]);
  const std::string& net = words[2];
  const auto how = [&](std::size_t i) { return words.size() > i ? words[i] : "2"; };
  if (words[1] == "features") {
    const Index batch = std::atoi(words[5].c_str());
    bench::FeatureBatch<B> features(cuda, net, in, batch);
    return take_turns(cuda, static_cast<double>(batch), how(6),
                      [&] { benchmark::DoNotOptimize(features().rows.data()); });
  }
  const auto steps = [&](auto step) {
    return take_turns(cuda, static_cast<double>(step->images(in)), how(5), [&] {
      if (graphs)
        step->start();
      else
        benchmark::DoNotOptimize((*step)());
    });
  };
  if (words[1] == "dino") return steps(std::make_unique<bench::DinoStep<B>>(cuda, net, in));
  return steps(std::make_unique<bench::TrainingStep<B>>(cuda, net, in));
}

const std::vector<std::string> precisions{"f32", "tf32", "bf16", "f16", "f16loss"};

/// "bf16+graph"; no precision where it is none.
How how_of(const std::string& word) {
  for (const std::string& p : precisions)
    for (const bool graphs : {false, true})
      if (const How how{p, graphs}; how.text() == word) return how;
  return {};
}

bool understood(const std::vector<std::string>& w) {
  if (w.size() < 5 || bench::nets.count(w[2]) == 0 || bench::inputs.count(w[3]) == 0) return false;
  const How how = how_of(w[4]);
  if (how.precision.empty()) return false;
  if (w[1] == "features") return !how.graphs && w.size() > 5 && std::atoi(w[5].c_str()) >= 1;
  return w[1] == "step" || w[1] == "dino";
}

int run_one(const std::vector<std::string>& words) {
  if (!understood(words)) {
    std::fprintf(stderr,
                 "bench_gpu: step|dino|features; NET a, b or c; INPUT 28, 32 or 84; PRECISION f32, tf32, bf16, f16 or "
                 "f16loss, of steps also with +graph; of features a BATCH ≥ 1\n");
    return 2;
  }
  const How how = how_of(words[4]);
  return on_gpu(how, [&](auto& cuda) { return run_one(cuda, words, how.graphs); });
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto probe = cuda::DeviceProbe::ask(); !probe) {
    std::printf("sseg-test-skipped: %s\n", probe.reason.c_str());
    return 0;
  }
  const std::vector<std::string> words(argv, argv + argc);
  if (words.size() == 2 && words[1] == "device") return std::puts(cuda::DeviceFacts::of(0).name.c_str()), 0;
  if (words.size() > 1 && words[1][0] != '-') return run_one(words);
  for (const std::string& p : precisions)
    for (const bool graphs : {false, true}) add_rows({p, graphs});
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

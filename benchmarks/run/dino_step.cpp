// One training step of DINO with multi-crop on views that lie ready: two global views and six local crops of every
// picture, student and teacher forward, the loss, backward, AdamW, the teacher's average. Nets as in train_step.cpp
// with the head 256-256-64-512. Local crops are 36² beside 84², 16² beside 32² and 28².
//   bench_dino_step                                    all of them, Google Benchmark's own flags
//   bench_dino_step NET INPUT THREADS [SECONDS|turns]  one of them, as turns.hpp says; counts pictures, not views
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "peer_nets.hpp"
#include "sseg/augment/view_set.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/stack.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/ssl/dino.hpp"
#include "sseg/ssl/ema_teacher.hpp"
#include "sseg/train/step.hpp"
#include "turns.hpp"

using namespace sseg;

namespace {

using Loss = Objective<Term<Dino, DinoHead>>;
using Net = Learner<GlobalPool, Loss::Heads>;

constexpr Index global_views = 2, local_views = 6;

/// A training step takes as many pictures as have half the global views of train_step.cpp.
Index pictures(const bench::Input& in) { return in.images / 4; }
Index local_side(const bench::Input& in) { return in.side == 84 ? 36 : 16; }

Net make_net(const std::string& name, Index channels) {
  const auto& widths = bench::nets.at(name);
  return chain(bench::make_backbone<GlobalPool>(widths, channels), Loss::Heads{{dino_head(widths.back())}, {true}});
}

/// A call is a step.
class DinoStep {
 public:
  DinoStep(const std::string& net, const bench::Input& in, int threads)
      : cpu_(threads),
        net_(make_net(net, in.channels)),
        student_(make_store<float>(net_, AdamW::moments, Rng(1))),
        teacher_(make_store<float>(net_, 0, Rng(1))) {
    const Index n = pictures(in), small = local_side(in);
    const Shape global{global_views * n, in.side, in.side, in.channels},
        local{local_views * n, small, small, in.channels};
    global_ = bench::normal_noise(global.count(), 2);
    local_ = bench::normal_noise(local.count(), 3);
    views_ = {{global_.data(), global}, {local_.data(), local}, {}, n};
  }

  void operator()() {
    benchmark::DoNotOptimize(step_.run(cpu_, net_, student_, teacher_, views_, loss_, memory_, {at_, 1000}));
    AdamW{}.update(cpu_, student_, 1e-3f);
    EmaTeacher{}.update(cpu_, student_, teacher_, {at_, 1000});
    at_ = (at_ + 1) % 1000;
  }

 private:
  Cpu cpu_;
  Net net_;
  ParamStore<float> student_, teacher_;
  Buffer<float> global_, local_;
  ViewSet::Views views_;
  Loss loss_ = objective(Term<Dino, DinoHead>{});
  LossMemory<float> memory_;
  Step<float> step_;
  Index at_ = 0;
};

int run_one(const std::string& net, const std::string& input, int threads, const char* how) {
  if (bench::nets.count(net) == 0 || bench::inputs.count(input) == 0 || threads < 1) {
    std::fprintf(stderr, "bench_dino_step: NET a, b or c; INPUT 28, 32 or 84; THREADS ≥ 1\n");
    return 2;
  }
  const double before = bench::begin_memory();
  const bench::Input in = bench::inputs.at(input);
  DinoStep step(net, in, threads);
  return bench::take_turns(step, static_cast<double>(pictures(in)), before, how);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 4 && argv[1][0] != '-') return run_one(argv[1], argv[2], std::atoi(argv[3]), argc > 4 ? argv[4] : "2");
  for (const auto& [net, widths] : bench::nets)
    for (const auto& [input, shape] : bench::inputs)
      for (const int threads : {1, 2}) {
        const std::string label = net + "/" + input + "/threads:" + std::to_string(threads);
        benchmark::RegisterBenchmark(label.c_str(), [net = net, shape = shape, threads](benchmark::State& state) {
          DinoStep step(net, shape, threads);
          step();  // sizes the workspace
          for (auto _ : state) step();
          state.SetItemsProcessed(state.iterations() * pictures(shape));
        })->UseRealTime();
      }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

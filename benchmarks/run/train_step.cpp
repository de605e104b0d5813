// One whole training step: forward, NT-Xent, backward, AdamW, on inputs that lie ready. Nets: four times [conv 3×3,
// batch norm, ReLU, max pool 2], global pool, projector (256, 128).
//   bench_train_step                                    all of them, Google Benchmark's own flags
//   bench_train_step NET INPUT THREADS [SECONDS|turns]  one of them, as turns.hpp says
#include <benchmark/benchmark.h>

#include <string>

#include "contrastive_net.hpp"
#include "sseg/augment/view_set.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/stack.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/step.hpp"
#include "step_main.hpp"

using namespace sseg;

namespace {

/// A call is a step.
class TrainingStep {
 public:
  TrainingStep(const std::string& net, const bench::Input& in, int threads)
      : cpu_(threads),
        net_(bench::contrastive_net(net, in.channels)),
        store_(make_store<float>(net_, AdamW::moments, Rng(1))),
        x_(bench::normal_noise(in.images * in.side * in.side * in.channels, 2)),
        views_{{x_.data(), {in.images, in.side, in.side, in.channels}}, {}, {}, in.images / 2} {}

  void operator()() {
    benchmark::DoNotOptimize(step_.run(cpu_, net_, store_, store_, views_, loss_, memory_, {}));
    AdamW{}.update(cpu_, store_, 1e-3f);
  }
  static Index images(const bench::Input& in) { return in.images; }
  Index workspace_bytes() { return step_.trace().bytes(); }

 private:
  Cpu cpu_;
  bench::ContrastiveNet net_;
  ParamStore<float> store_;
  Buffer<float> x_;
  ViewSet::Views views_;
  bench::ContrastiveLoss loss_ = objective(task(NtXent{0.5f}));
  LossMemory<float> memory_;
  Step<float> step_;
};

}  // namespace

int main(int argc, char** argv) { return bench::step_main<TrainingStep>(argc, argv); }

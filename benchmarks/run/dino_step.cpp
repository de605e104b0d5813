// One training step of DINO with multi-crop on views that lie ready: two global views and six local crops of every
// picture, student and teacher forward, the loss, backward, AdamW, the teacher's average. Nets as in train_step.cpp
// with the head 256-256-64-512. Local crops are 36² beside 84², 16² beside 32² and 28².
//   bench_dino_step                                    all of them, Google Benchmark's own flags
//   bench_dino_step NET INPUT THREADS [SECONDS|turns]  one of them, as turns.hpp says; counts pictures, not views
#include <benchmark/benchmark.h>

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
#include "step_main.hpp"

using namespace sseg;

namespace {

using Loss = Objective<Term<Dino, DinoHead>>;
using Net = Learner<GlobalPool, Loss::Heads>;

constexpr Index global_views = 2, local_views = 6;

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
    const Index n = images(in), small = local_side(in);
    const Shape global{global_views * n, in.side, in.side, in.channels},
        local{local_views * n, small, small, in.channels};
    global_ = bench::normal_noise(global.count(), 2);
    local_ = bench::normal_noise(local.count(), 3);
    views_ = {{global_.data(), global}, {local_.data(), local}, {}, n};
  }

  void operator()() {
    benchmark::DoNotOptimize(step_.run(cpu_, net_, student_, teacher_, views_, loss_, memory_, {at_, 1000}));
    EmaTeacher{}.update_after(AdamW{}, cpu_, student_, teacher_, 1e-3f, {at_, 1000});
    at_ = (at_ + 1) % 1000;
  }
  /// Half as many pictures as train_step.cpp has.
  static Index images(const bench::Input& in) { return in.images / 4; }
  Index workspace_bytes() { return step_.trace().bytes(); }

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

}  // namespace

int main(int argc, char** argv) { return bench::step_main<DinoStep>(argc, argv); }

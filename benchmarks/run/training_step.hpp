#pragma once
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "contrastive_net.hpp"
#include "sseg/augment/view_set.hpp"
#include "sseg/backend/as_one.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/stack.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/train/step.hpp"

namespace bench {

/// A call is one whole training step on inputs that lie ready: forward, NT-Xent, backward, AdamW. Nets: four times
/// [conv 3×3, batch norm, ReLU, max pool 2], global pool, projector (256, 128).
template <class B>
class TrainingStep {
 public:
  TrainingStep(B& backend, const std::string& net, const Input& in)
      : backend_(backend),
        net_(contrastive_net(net, in.channels)),
        store_(sseg::make_store<float>(net_, sseg::AdamW::moments, sseg::Rng(1))),
        x_(normal_noise(in.images * in.side * in.side * in.channels, 2)),
        views_{{x_.data(), {in.images, in.side, in.side, in.channels}}, {}, {}, in.images / 2} {
    store_.move_to(sseg::memory_of(backend));
  }

  /// The loss before the update.
  double operator()() {
    const double loss = step_.run(backend_, net_, store_, store_, views_, loss_, memory_, {});
    update();
    return loss;
  }
  /// The same as one piece of work, where the backend takes it so; nobody waits for the loss.
  void start() {
    sseg::AsOne<B> work(backend_);
    step_.start(backend_, net_, store_, store_, views_, loss_, memory_, {});
    update();
    work.done();
  }
  static Index images(const Input& in) { return in.images; }
  /// Of the last call, on the host.
  std::vector<float> gradient() const {
    std::vector<float> g(sseg::to_size(store_.grad.size()));
    store_.grad.download(g);
    return g;
  }
  Index workspace_bytes() { return step_.trace().bytes(); }

 private:
  void update() {
    sseg::LossScaling<B>(backend_).update(step_, store_, [&] { sseg::AdamW{}.update(backend_, store_, 1e-3f); });
  }

  B& backend_;
  ContrastiveNet net_;
  sseg::ParamStore<float> store_;
  sseg::Buffer<float> x_;
  sseg::ViewSet::Views views_;
  ContrastiveLoss loss_ = sseg::objective(sseg::task(sseg::NtXent{0.5f}));
  sseg::LossMemory<float> memory_;
  sseg::Step<float> step_;
};

}  // namespace bench

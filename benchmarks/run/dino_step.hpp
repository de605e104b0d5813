#pragma once
#include <string>
#include <vector>

#include "peer_nets.hpp"
#include "sseg/augment/view_set.hpp"
#include "sseg/backend/as_one.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/stack.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/ssl/dino.hpp"
#include "sseg/ssl/ema_teacher.hpp"
#include "sseg/train/step.hpp"

namespace bench {

/// A call is one training step of DINO with multi-crop on views that lie ready: two global views and six local crops of
/// every picture, student and teacher forward, the loss, backward, AdamW, the teacher's average. Nets as of
/// TrainingStep with the head 256-256-64-512. Local crops are 36² beside 84², 16² beside 32² and 28².
template <class B>
class DinoStep {
 public:
  DinoStep(B& backend, const std::string& net, const Input& in)
      : backend_(backend),
        net_(make_net(net, in.channels)),
        student_(sseg::make_store<float>(net_, sseg::AdamW::moments, sseg::Rng(1))),
        teacher_(sseg::make_store<float>(net_, 0, sseg::Rng(1))) {
    const Index n = images(in), small = in.side == 84 ? 36 : 16;
    const sseg::Shape global{global_views * n, in.side, in.side, in.channels},
        local{local_views * n, small, small, in.channels};
    global_ = normal_noise(global.count(), 2);
    local_ = normal_noise(local.count(), 3);
    views_ = {{global_.data(), global}, {local_.data(), local}, {}, n};
    student_.move_to(sseg::memory_of(backend));
    teacher_.move_to(sseg::memory_of(backend));
  }

  /// The loss before the update.
  double operator()() {
    const double loss = step_.run(backend_, net_, student_, teacher_, views_, loss_, memory_, {at_, 1000});
    update();
    return loss;
  }
  /// The same as one piece of work, where the backend takes it so; nobody waits for the loss.
  void start() {
    sseg::AsOne<B> work(backend_);
    step_.start(backend_, net_, student_, teacher_, views_, loss_, memory_, {at_, 1000});
    update();
    work.done();
  }
  /// Half as many pictures as TrainingStep has.
  static Index images(const Input& in) { return in.images / 4; }
  /// Of the last call, on the host.
  std::vector<float> gradient() const {
    std::vector<float> g(sseg::to_size(student_.grad.size()));
    student_.grad.download(g);
    return g;
  }
  Index workspace_bytes() { return step_.trace().bytes(); }

 private:
  void update() {
    sseg::LossScaling<B>(backend_).update(step_, student_, [&] {
      sseg::EmaTeacher{}.update_after(sseg::AdamW{}, backend_, student_, teacher_, 1e-3f, {at_, 1000});
    });
    at_ = (at_ + 1) % 1000;
  }

  using Loss = sseg::Objective<sseg::Term<sseg::Dino, sseg::DinoHead>>;
  using Net = sseg::Learner<sseg::GlobalPool, Loss::Heads>;
  static constexpr Index global_views = 2, local_views = 6;

  static Net make_net(const std::string& name, Index channels) {
    const auto& widths = nets.at(name);
    return sseg::chain(make_backbone<sseg::GlobalPool>(widths, channels),
                       Loss::Heads{{sseg::dino_head(widths.back())}, {true}});
  }

  B& backend_;
  Net net_;
  sseg::ParamStore<float> student_, teacher_;
  sseg::Buffer<float> global_, local_;
  sseg::ViewSet::Views views_;
  Loss loss_ = sseg::objective(sseg::Term<sseg::Dino, sseg::DinoHead>{});
  sseg::LossMemory<float> memory_;
  sseg::Step<float> step_;
  Index at_ = 0;
};

}  // namespace bench

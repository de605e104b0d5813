#pragma once
#include "sseg/ssl/objective.hpp"
#include "sseg/train/brought_views.hpp"
#include "sseg/train/repel_pass.hpp"
#include "sseg/train/step.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// What the paths of a run that routes add to a step. Owns their workspace.
template <class T>
class PathSteps {
 public:
  /// The paths' losses on the step's views, L⁺ with its weight and L⁻ with its, added to the dense net's gradient.
  /// What the losses remember (DINO's centre) is the dense net's: the paths use it and leave it. `note(pass)` hears of
  /// every pass, of which it may take the loss (`part()`), before the next one.
  template <class B, class Net, class... Terms, class Note>
  void run(B& backend, TrainState<Net, T>& state, const RoutingPolicy& policy, const BroughtViews<T>& views,
           const Objective<Terms...>& objective, Progress at, Note&& note) {
    auto& m = state.model;
    if (!state.routing) state.routing.emplace(*policy.config, policy.seed);
    Routing<T>& r = *state.routing;
    r.observe(backend, m.student, state.step);
    if (state.step < r.router.config().start_step) return;
    r.each_path([&](RoutedStore<T>& path, T weight) {
      path.load(backend, m.student, r.router.masks());
      if (const auto own = own_loss(r.router.config(), path)) {
        repel_.start(backend, backbone(m.net), path.store(), m.teacher, views, *own);
        note(repel_);
      } else {
        memory_ = state.memory;
        const auto named = step_.call_it(path.path() == Path::positive ? "the loss of the positive path"
                                                                       : "the loss of the negative path");
        step_.start(backend, m.net, path.store(), m.teacher, views, objective, memory_, at);
        note(step_);
      }
      path.add_gradient(backend, m.student, r.router.masks(), weight, r.router.config().straight());
    });
  }

 private:
  Step<T> step_;
  RepelPass<T> repel_;
  LossMemory<T> memory_;
};

}  // namespace sseg

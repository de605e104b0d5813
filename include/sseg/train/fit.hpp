#pragma once
#include <atomic>
#include <tuple>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/concepts/callback.hpp"
#include "sseg/concepts/dataset.hpp"
#include "sseg/concepts/optimizer.hpp"
#include "sseg/fewshot/instance_probe.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/ssl/ema_teacher.hpp"
#include "sseg/train/batch_order.hpp"
#include "sseg/train/step.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// Sizes of a training run.
struct FitConfig {
  Index steps = 1500;
  Index batch = 64;              ///< images a step; each gives two views
  Index probe_every = 100;       ///< steps between looks at the probe, each a chance to grow
  Index recalibrate_steps = 10;  ///< batches on which running statistics are refreshed after a mutation
  bool operator==(const FitConfig&) const = default;
};

/// The policies of a run; each is a plain value of its own type.
template <class Augment, class Loss, class Optim, class Rate, class Growth>
struct Recipe {
  Augment augment;
  Loss loss;
  Optim optimizer;
  Rate rate;
  EmaTeacher teacher;
  Growth growth;
};

/// A Recipe with its types deduced.
template <class Augment, class Loss, class Optim, class Rate, class Growth>
Recipe<Augment, Loss, Optim, Rate, Growth> make_recipe(Augment augment, Loss loss, Optim optimizer, Rate rate,
                                                       EmaTeacher teacher, Growth growth) {
  return {std::move(augment), std::move(loss), std::move(optimizer), std::move(rate), teacher, std::move(growth)};
}

/// One training run over one data set: steps, probes, mutations, callbacks. Same seed, same result, bit for bit, for
/// any number of threads and across a resume from `TrainState`.
template <class B, Dataset Data, class Readout, class R, class... Callbacks>
class Fit {
 public:
  using T = typename B::Scalar;
  using State = TrainState<Readout, T>;

  Fit(B& backend, const Data& data, const InstanceProbe& probe, FitConfig config, R recipe, const Rng& rng,
      Callbacks&... callbacks)
      : backend_(backend),
        data_(data),
        probe_(probe),
        config_(config),
        recipe_(std::move(recipe)),
        rng_(rng),
        order_(data.size(), config.batch, rng.split("order")),
        callbacks_(callbacks...) {
    require(config.probe_every >= 1 && config.steps >= 0 && config.recalibrate_steps >= 0,
            "the sizes of the training run make no sense", "Fit", "give probe_every >= 1 and no negative steps");
    check_callbacks(std::index_sequence_for<Callbacks...>{});
  }

  /// Trains from `state.step` to the end, or until `stop` becomes true (a signal handler may set it); the step in
  /// progress is finished first.
  void run(State& state, const std::atomic<bool>& stop) {
    while (state.step < config_.steps && !stop.load(std::memory_order_relaxed)) {
      step(state);
      if (state.step % config_.probe_every == 0 || state.step == config_.steps) look(state);
    }
    tell([&](auto& c) {
      if constexpr (HearsState<decltype(c), State>) c.on_state(state);
      if constexpr (HearsEnd<decltype(c)>) c.on_end(EndInfo{at(state), state.step >= config_.steps});
    });
  }

  /// One batch: views → loss → gradients → optimizer → teacher.
  double step(State& state) {
    auto& m = state.model;
    const float rate = recipe_.rate(at(state));
    const View<const float> views = draw_views(state.step);
    const double loss = step_.run(backend_, m.net, m.student, views, recipe_.loss);
    state.sensitivity.observe(m.net, m.student);
    recipe_.optimizer.update(backend_, m.student, rate);
    recipe_.teacher.update(backend_, m.student, m.teacher, state.step);
    ++state.step;
    tell([&](auto& c) {
      if constexpr (HearsStep<decltype(c)>) c.on_step(StepInfo{at(state), loss, rate});
    });
    return loss;
  }

 private:
  Progress at(const State& s) const { return {s.step, config_.steps}; }

  View<const float> draw_views(Index step) {
    return views_.make(backend_.threads(), data_, order_.at(step), recipe_.augment,
                       rng_.split("views").split(static_cast<std::uint64_t>(step)));
  }

  /// The probe sees the projector's output of the teacher: what training shapes, and what a mutation that keeps the
  /// function must not move.
  double measure(const State& s) { return probe_.measure(backend_, s.model.net, s.model.teacher); }

  void look(State& state) {
    const double probe = measure(state);
    tell([&](auto& c) {
      if constexpr (HearsProbe<decltype(c)>) c.on_probe(ProbeInfo{at(state), probe});
    });
    const bool more_to_come = state.step < config_.steps;
    if (recipe_.growth.trigger.due(state.plateau, probe) && more_to_come) grow(state, probe);
    if (more_to_come)
      tell([&](auto& c) {
        if constexpr (HearsState<decltype(c), State>) c.on_state(state);
      });
  }

  void grow(State& state, double probe) {
    auto& m = state.model;
    const Shape image = with_batch_axis(recipe_.augment.out_shape(ImageSpec(data_.spec()).shape));
    MutationRecord record;
    record.step = state.step;
    record.params_before = m.net.param_count();
    record.macs_before = m.net.macs(image);
    record.probe_before = probe;
    const auto applied =
        recipe_.growth.act(m, Signals{state.sensitivity.values()}, static_cast<Index>(state.history.size()),
                           rng_.split("growth").split(static_cast<std::uint64_t>(state.step)));
    recipe_.growth.trigger.mutated(state.plateau);
    if (!applied) return;
    record.kind = applied->kind;
    record.place = applied->place;
    record.keeps_function = applied->keeps_function;
    record.params_after = m.net.param_count();
    record.macs_after = m.net.macs(image);
    record.probe_after = measure(state);  // before the statistics move
    recalibrate(state);
    record.net_after = describe(backbone(m.net));
    state.history.push_back(record);
    tell([&](auto& c) {
      if constexpr (HearsMutation<decltype(c), MutationRecord>) c.on_mutation(record);
    });
  }

  /// Refreshes the running statistics of student and teacher on the batches of the next steps.
  void recalibrate(State& state) {
    auto& m = state.model;
    for (Index k = 0; k < config_.recalibrate_steps; ++k) {
      const View<const float> views = draw_views(state.step + k);
      step_.trace().forward(backend_, m.net, m.student, views, Mode::train);
      step_.trace().forward(backend_, m.net, m.teacher, views, Mode::train);
    }
  }

  static constexpr Shape with_batch_axis(Shape s) { return {1, s[0], s[1], s[2]}; }

  template <std::size_t... I>
  static constexpr bool check_callbacks(std::index_sequence<I...>) {
    return (CheckCallback<I, Callbacks, MutationRecord, State>::ok && ... && true);
  }
  template <class F>
  void tell(F&& f) {
    std::apply([&](auto&... c) { (f(c), ...); }, callbacks_);
  }

  B& backend_;
  const Data& data_;
  const InstanceProbe& probe_;
  FitConfig config_;
  R recipe_;
  Rng rng_;
  BatchOrder order_;
  TwoViews views_;
  Step<T> step_;
  std::tuple<Callbacks&...> callbacks_;
};

/// `make_fit(backend, data, probe, config, recipe, rng, callbacks…)`: a Fit with its types deduced. A readout other
/// than Flatten is named: `make_fit<GlobalPool>(…)`.
template <class Readout = Flatten, class B, Dataset Data, class R, class... Callbacks>
Fit<B, Data, Readout, R, Callbacks...> make_fit(B& backend, const Data& data, const InstanceProbe& probe,
                                                FitConfig config, R recipe, const Rng& rng, Callbacks&... callbacks) {
  return {backend, data, probe, config, std::move(recipe), rng, callbacks...};
}

}  // namespace sseg

SSEG_FIELDS(sseg::FitConfig, steps, batch, probe_every, recalibrate_steps);

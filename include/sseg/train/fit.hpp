#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>

#include "sseg/backend/as_one.hpp"
#include "sseg/backend/from_host.hpp"
#include "sseg/backend/to_host.hpp"
#include "sseg/concepts/callback.hpp"
#include "sseg/concepts/dataset.hpp"
#include "sseg/concepts/optimizer.hpp"
#include "sseg/evolve/latency.hpp"
#include "sseg/fewshot/instance_probe.hpp"
#include "sseg/fewshot/knn_probe.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/ssl/collapse_monitor.hpp"
#include "sseg/train/all_ranks.hpp"
#include "sseg/train/auxiliary_pass.hpp"
#include "sseg/train/path_gap.hpp"
#include "sseg/train/path_steps.hpp"
#include "sseg/train/pending_losses.hpp"
#include "sseg/train/recipe.hpp"
#include "sseg/train/step.hpp"
#include "sseg/train/step_views.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// Sizes of a training run.
struct FitConfig {
  Index steps = 1500;
  Index batch = 64;              ///< images a step; each gives two views
  Index probe_every = 100;       ///< steps between looks at the probe, each a chance to grow
  Index recalibrate_steps = 10;  ///< batches on which running statistics are refreshed after a mutation
  bool recompute = false;        ///< run residual blocks forward again in backward: less memory, the same bits
  /// With several processes: do norms see the whole batch, as one process would, or each the part of its process?
  bool share_statistics = true;
  bool operator==(const FitConfig&) const = default;
};

/// One training run over one data set: steps, probes, mutations, callbacks. Same seed, same result, bit for bit, for
/// any number of threads and across a resume from `TrainState`. On a backend with memory of its own, student, teacher
/// and what the losses remember lie there while steps follow each other, and come to the host for mutations, for
/// callbacks that see the state, and at the end. On a backend of several ranks (dist/across.hpp) each
/// trains on its part of every batch; what is decided, is decided by what the first rank measures, and all ranks come
/// to the same bits, which is checked at every look at the probe.
template <class B, Dataset Data, class Readout, class R, class... Callbacks>
class Fit {
 public:
  using T = typename B::Scalar;
  using Net = Learner<Readout, typename R::Heads>;
  using State = TrainState<Net, T>;

  Fit(B& backend, const Data& data, const InstanceProbe& probe, FitConfig config, R recipe, const Rng& rng,
      Callbacks&... callbacks)
      : backend_(backend),
        data_(data),
        probe_(probe),
        config_(config),
        recipe_(std::move(recipe)),
        rng_(rng),
        ranks_(backend),
        views_(backend.threads(), data, recipe_, config.steps, config.batch, rng, ranks_.part_of_batch(config.batch)),
        monitor_(recipe_.collapse),
        callbacks_(callbacks...) {
    require(config.probe_every >= 1 && config.steps >= 0 && config.recalibrate_steps >= 0,
            "the sizes of the training run make no sense", "Fit", "give probe_every >= 1 and no negative steps");
    if constexpr (R::may_route)
      require(!ScalesLoss<B> || !recipe_.routing.config,
              "paths add gradients of their own, the backend scales the loss", "Fit",
              "train without routing, or let every tensor of gradients have its own scale");
    check_callbacks(std::index_sequence_for<Callbacks...>{});
  }

  /// From now on `workers` threads make the views of the next steps while a step trains; 0: the backend's threads make
  /// them when they are needed. The results are the same. What reading a picture throws, `step` throws.
  void load_ahead(int workers) { views_.load_ahead(workers); }

  /// From now on every look at the probe tells the callbacks what `knn` measures of the teacher's features, too. Must
  /// outlive this. Nothing else depends on it.
  void watch_neighbours(const KnnProbe& knn) {
    // By a function, so that runs without it do not compile it.
    neighbours_ = [this, &knn](const State& state) {
      return knn.measure(backend_, backbone(state.model.net), state.model.teacher);
    };
  }

  /// Trains from `state.step` to the end, or until `stop` becomes true (a signal handler may set it; the step in
  /// progress is finished first), or until the features have collapsed, where the recipe says so.
  void run(State& state, const std::atomic<bool>& stop) {
    try {
      take_steps(state, stop);
    } catch (...) {
      leave_at_home(state);
      throw;
    }
    bring_home(state);
    tell([&](auto& c) {
      if constexpr (HearsState<decltype(c), State>) c.on_state(state);
      if constexpr (HearsEnd<decltype(c)>) c.on_end(EndInfo{at(state), state.step >= config_.steps});
    });
  }

  /// All of the state to the host, if a step has left some elsewhere.
  void bring_home(State& state) {
    place(state, nullptr);
    pending_.add_to(state.loss);
  }

  /// One batch: views → loss → gradients → optimizer → teacher; these two only where the gradients have not overflowed
  /// on a backend that scales the loss. Leaves the state where the backend's arrays lie, and does not wait for it:
  /// whoever reads the loss does.
  LossValue step(State& state) {
    set_recompute(backbone(state.model.net), config_.recompute);
    place(state, memory_of(backend_));
    auto& m = state.model;
    LossScaling<B>(backend_).prepare(m.student);
    const float rate = recipe_.rate(at(state)) * recipe_.rewarm.factor(steps_since_change(state.history, state.step));
    const ViewSet::Views& views = views_.next(state.step, state.curriculum);
    AsOne<B> work(backend_);
    pending_.start();
    step_.start(backend_, m.net, m.student, m.teacher, views, recipe_.objective, state.memory, at(state));
    note_pass(step_);
    const bool observed = observe_sensitivity(state);
    if constexpr (R::may_route)
      if (recipe_.routing.config)
        paths_.run(backend_, state, recipe_.routing, step_.views(), recipe_.objective, at(state),
                   [this](const auto& pass) { this->note_pass(pass); });
    update(m, rate, at(state));
    work.done();
    const LossValue loss = note_loss(state);
    if (observed) state.sensitivity.put_aside(backend_, step_.overflow());
    if (monitor_.due(state.step)) watch(state);
    ++state.step;
    tell([&](auto& c) {
      if constexpr (HearsStep<decltype(c)>) c.on_step(StepInfo{at(state), loss, rate});
    });
    return loss;
  }

  /// Lets the growth policy act now, whatever its trigger says; false: no mutation was possible. `probe`: the last
  /// value of the held-out probe, for the history. Leaves the state as `step` does.
  bool mutate(State& state, double probe) {
    const std::vector<AuxiliaryView> auxiliary = auxiliary_gradients(state);
    bring_home(state);
    auto& m = state.model;
    const Shape image = with_batch_axis(recipe_.views.global.out_shape(ImageSpec(data_.spec()).shape));
    MutationRecord record;
    record.step = state.step;
    record.params_before = m.net.param_count();
    record.macs_before = m.net.macs(image);
    record.probe_before = probe;
    std::vector<double> sensitivity(state.sensitivity.values().begin(), state.sensitivity.values().end());
    ranks_.take_first(std::span(sensitivity));
    const Signals signals{.sensitivity = sensitivity, .image = image, .auxiliary = auxiliary};
    const auto applied = recipe_.growth.act(m, signals, static_cast<Index>(state.history.size()),
                                            rng_.split("growth").split(static_cast<std::uint64_t>(state.step)),
                                            growth_tools(state, image));
    recipe_.growth.trigger.mutated(state.plateau);
    if (!applied) return false;
    record.kind = applied->kind;
    record.place = applied->place;
    record.keeps_function = applied->keeps_function;
    record.edit = applied->edit;
    state.sensitivity.align(m.net);
    record.params_after = m.net.param_count();
    record.macs_after = m.net.macs(image);
    place(state, memory_of(backend_));
    record.probe_after = measure(state);  // before the statistics move
    recalibrate(state);
    if constexpr (R::may_route)
      if (state.routing) {
        bring_home(state);
        state.routing->align(m.student, state.step);
      }
    record.net_after = describe(backbone(m.net));
    state.history.push_back(record);
    ranks_.check_same(m.student.value);
    if (const auto memory = memory_of(backend_)) memory->trim();  // of what the smaller net was given
    tell([&](auto& c) {
      if constexpr (HearsMutation<decltype(c), MutationRecord>) c.on_mutation(record);
    });
    return true;
  }

 private:
  template <class Pass>
  void note_pass(const Pass& pass) {
    if constexpr (LeavesLosses<B>) pending_.note(backend_, pass.part());
  }
  /// On a device losses are read when somebody asks for them, and at every look at the probe.
  LossValue note_loss(State& state) {
    if constexpr (LeavesLosses<B>) {
      pending_.put_aside(backend_);
      return LossValue(pending_);
    } else {
      const double loss = step_.loss();
      state.loss.add(loss);
      return loss;
    }
  }
  /// Of student and teacher, by the gradients of step_; nothing where they have overflowed.
  void update(Growing<Net, T>& m, float rate, Progress now) {
    LossScaling<B>(backend_).update(step_, m.student, [&] {
      recipe_.teacher.update_after(recipe_.optimizer, backend_, m.student, m.teacher, rate, now);
    });
  }
  void take_steps(State& state, const std::atomic<bool>& stop) {
    ranks_.check_same(state.model.student.value);
    while (state.step < config_.steps && !ranks_.any(stop.load(std::memory_order_relaxed)) &&
           !monitor_.should_stop(state.collapse)) {
      step(state);
      if (state.step % config_.probe_every == 0 || state.step == config_.steps) look(state);
    }
  }
  /// After a failure, so that the state can be looked at; where even that fails, the first failure is the one to tell.
  void leave_at_home(State& state) noexcept {
    try {
      bring_home(state);
    } catch (...) {  // NOLINT(bugprone-empty-catch)
    }
  }

  Progress at(const State& s) const { return {s.step, config_.steps}; }

  const ViewSet::Views& views_at(const State& state, Index step) { return views_.at(step, state.curriculum); }

  /// Looks for collapse in the features of this step's views.
  void watch(State& state) {
    pending_.add_to(state.loss);  // a loss that is not finite is told before its features
    monitor_.observe(state.collapse,
                     CollapseSample<T>{.step = state.step, .z = to_host_(backend_, step_.all_pair_features(backend_))});
    if (monitor_.changed())
      tell([&](auto& c) {
        if constexpr (HearsCollapse<decltype(c)>) c.on_collapse(monitor_.last());
      });
  }

  /// The probe sees the projector's output of the teacher: what training shapes, and what a mutation that keeps the
  /// function must not move.
  double measure(const State& s) { return ranks_.of_first(probe_.measure(backend_, s.model.net, s.model.teacher)); }

  void look(State& state) {
    ranks_.check_same(state.model.student.value);
    pending_.add_to(state.loss);  // first: there is no probe of a net whose loss is not finite
    const double probe = measure(state);
    ProbeInfo seen{at(state), probe, state.loss.value()};
    if (neighbours_) seen.knn = neighbours_(state);
    if (recipe_.curriculum) {
      seen.levels = views_.mix(state.step - 1, state.curriculum).share;
      recipe_.curriculum->scheduler.observe(state.curriculum, probe);
    }
    tell([&](auto& c) {
      if constexpr (HearsProbe<decltype(c)>) c.on_probe(seen);
    });
    state.loss = {};
    const bool more_to_come = state.step < config_.steps;
    if (recipe_.growth.trigger.due(state.plateau, probe) && more_to_come && has_no_spare_capacity(state))
      mutate(state, probe);
    if (more_to_come)
      tell([&](auto& c) {
        if constexpr (HearsState<decltype(c), State>) {
          bring_home(state);
          c.on_state(state);
        }
      });
  }

  /// By the positive path's probe beside the dense net's, where the recipe asks for it.
  bool has_no_spare_capacity(const State& state) {
    if (!recipe_.gap.asks()) return true;
    std::optional<double> gap;
    if constexpr (R::may_route)
      if (const auto paths = measure_path_gap(backend_, probe_, state)) gap = paths->gap();
    return ranks_.of_first(recipe_.gap.open(gap) ? 1 : 0) > 0;
  }

  /// Where the run routes, its positive path says what a keep ratio counts. False: gradients have overflowed.
  bool observe_sensitivity(State& state) {
    const auto& m = state.model;
    if ((!LossScaling<B>::away || state.sensitivity.counts_masks()) && !step_.finite()) return false;
    if constexpr (R::may_route)
      if (state.routing && state.routing->router.settled() && state.sensitivity.counts_masks()) {
        state.sensitivity.observe(m.net, m.student, state.routing->router.masks());
        return true;
      }
    state.sensitivity.count(backend_, m.net, m.student);
    return true;
  }

  /// What choosing a mutation may need: forks that train over the batches to come, and a clock.
  GrowthTools<Net, T> growth_tools(const State& state, Shape image) {
    auto trial = [this, &state, k = Index{0}](const Growing<Net, T>& g) mutable { return try_out(state, g, k++); };
    auto clock = [this, image](const Net& n) { return ranks_.of_first(milliseconds(backend_, backbone(n), image)); };
    return {.trial = trial, .milliseconds = clock};
  }
  /// The probe of a fork's student after a few steps of the dense net; every fork gets the same batches and views. (The
  /// teacher would lag behind what so few steps teach.) The first one is the net as it is.
  double try_out(const State& state, Growing<Net, T> fork, Index k) {
    const std::string name = "the loss of trial " + std::to_string(k) + " (" + describe(backbone(fork.net)) + ")";
    const auto named = step_.call_it(name);
    PendingLosses losses;
    for (ParamStore<T>* store : {&fork.student, &fork.teacher}) store->move_to(memory_of(backend_));
    LossScaling<B>(backend_).prepare(fork.student);
    LossMemory<T> memory = state.memory;
    const Index end = std::min(config_.steps, state.step + recipe_.growth.selector.trial_steps);
    for (Index s = state.step; s < end; ++s) {
      const Progress now{s, config_.steps};
      step_.start(backend_, fork.net, fork.student, fork.teacher, views_at(state, s), recipe_.objective, memory, now);
      if constexpr (LeavesLosses<B>) losses.note(backend_, step_.part()), losses.put_aside(backend_);
      update(fork, recipe_.rate(now), now);
    }
    losses.settle();
    return ranks_.of_first(probe_.measure(backend_, fork.net, fork.student));
  }
  /// GradMax's matrices on the batch to come, where the backend works; empty unless a mutation looks at them.
  std::vector<AuxiliaryView> auxiliary_gradients(State& state) {
    if (!recipe_.growth.needs_auxiliary()) return {};
    place(state, memory_of(backend_));
    auto& m = state.model;
    const ViewSet::Views& views = views_at(state, state.step);
    do {  // with a smaller scale, until gradients do not overflow
      spare_memory_ = state.memory;
      step_.run(backend_, m.net, m.student, m.teacher, views, recipe_.objective, spare_memory_, at(state), false);
    } while (!step_.finite());
    return auxiliary_.run(backend_, m.net, m.student, step_, step_.views(), recipe_.objective, at(state));
  }

  /// Refreshes the running statistics of student and teacher on the batches of the next steps.
  void recalibrate(State& state) {
    auto& m = state.model;
    for (Index k = 0; k < config_.recalibrate_steps; ++k) {
      const View<const T> views = from_host_(backend_, View<const T>(views_at(state, state.step + k).global));
      step_.trace().forward(backend_, m.net, m.student, views, Mode::train);
      step_.trace().forward(backend_, m.net, m.teacher, views, Mode::train);
    }
    for (ParamStore<T>* store : {&m.student, &m.teacher}) ranks_.settle_statistics(store->state);
  }

  static void place(State& state, const std::shared_ptr<Memory>& memory) {
    state.model.student.move_to(memory);
    state.model.teacher.move_to(memory);
    for (Buffer<T>& m : state.memory) m.move_to(memory);
    if constexpr (R::may_route) {
      if (state.routing) state.routing->place(memory);
    } else {
      require(!state.routing, "the state routes, the recipe never does", "Fit", "give the recipe a RoutingPolicy");
    }
    if (memory == nullptr) state.sensitivity.leave_backend();
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
  std::function<double(const State&)> neighbours_;
  FitConfig config_;
  R recipe_;
  Rng rng_;
  AllRanks<B> ranks_;
  StepViews<Data, R> views_;
  CollapseMonitor monitor_;
  Step<T> step_;
  std::conditional_t<R::may_route, PathSteps<T>, NoRouting> paths_;
  PendingLosses pending_;
  FromHost<T> from_host_;
  ToHost<T> to_host_;
  LossMemory<T> spare_memory_;
  AuxiliaryPass<T> auxiliary_;
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

SSEG_FIELDS(sseg::FitConfig, steps, batch, probe_every, recalibrate_steps, recompute, share_statistics);

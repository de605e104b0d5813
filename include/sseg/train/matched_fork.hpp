#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "sseg/train/fit.hpp"

namespace sseg {

namespace detail {

/// A growth policy that makes one recorded edit, whatever its selector would choose.
template <class Growth>
struct OneEdit : Growth {
  EditRecord edit;
  template <class Net, class T, class... Rest>
  std::optional<typename Growth::Applied> act(Growing<Net, T>& g, const Rest&...) const {
    return this->redo(g, edit);
  }
};

/// A recipe whose growth makes one recorded edit; everything else is inherited, also what a Recipe has later.
template <class R>
struct OneEditRecipe : R {
  OneEdit<decltype(R::growth)> growth;
  OneEditRecipe(const R& recipe, const EditRecord& edit) : R(recipe), growth{recipe.growth, edit} {}
};

}  // namespace detail

/// The two arms of a fork; `grown.history.back()` is the mutation that tells them apart.
template <class State>
struct ForkArms {
  State plain, grown;
};

/// Matched forks of one training state: copies that go on over the same batches with the same view draws, `plain` as it
/// is and `grown` after one mutation. Growth is otherwise off: no probe is looked at, no trigger asked. Arms that share
/// `order` differ by the mutation alone, with the recalibration that belongs to it, so the values measured on them are
/// matched pairs (evolve/paired_difference.hpp).
/// The arguments are the run's own, `rng` the one of its Fit. Then, for order 0, `plain` is bit for bit the run without
/// growth and `grown` the run that mutates here, for any number of threads. A collapse stops neither arm.
/// The arms train as many steps, not as long: a step of the larger net costs more.
template <class B, Dataset Data, class Readout, class R>
class MatchedFork {
 public:
  using State = typename Fit<B, Data, Readout, R>::State;

  MatchedFork(B& backend, const Data& data, const InstanceProbe& probe, FitConfig config, R recipe, const Rng& rng)
      : backend_(backend), data_(data), probe_(probe), config_(config), recipe_(std::move(recipe)), rng_(rng) {}

  /// What the recipe's growth would do at `snapshot`, with the run's own draws; empty: nothing. Any recorded edit may
  /// be forked instead, say `history[k].edit` of a later state of the run.
  std::optional<EditRecord> proposal(State snapshot) const {
    auto fit = make_fit<Readout>(backend_, data_, probe_, config_, recipe_, rng_);
    if (!fit.mutate(snapshot, measure(snapshot))) return {};
    return snapshot.history.back().edit;
  }

  /// Both arms, `steps` further. `order` 0: over the batches and views of the run; 1, 2 …: over others, drawn from
  /// `rng` and the number. Callbacks hear the steps of `plain`, then the mutation and the steps of `grown`. Empty when
  /// `stop` became true. Throws: Error when the schedules end before the fork does, and as `Evolve::redo`.
  template <class... Callbacks>
  std::optional<ForkArms<State>> run(const State& snapshot, const EditRecord& edit, Index steps, Index order,
                                     const std::atomic<bool>& stop, Callbacks&... callbacks) const {
    require(steps >= 1 && order >= 0, "a fork needs a step or more, and orders count from 0", "MatchedFork",
            "give steps >= 1 and order >= 0");
    require(snapshot.step + steps <= config_.steps, "the run ends before the fork does, and its schedules with it",
            "MatchedFork", "fork fewer steps, or raise FitConfig::steps: the schedules then are those of a longer run");
    ForkArms<State> arms{snapshot, snapshot};
    auto plain = make_fit<Readout>(backend_, data_, probe_, config_, recipe_, stream(order), callbacks...);
    if (!advance(plain, arms.plain, steps, stop)) return {};
    auto grown = make_fit<Readout>(backend_, data_, probe_, config_, detail::OneEditRecipe<R>(recipe_, edit),
                                   stream(order), callbacks...);
    grown.mutate(arms.grown, measure(arms.grown));
    if (!advance(grown, arms.grown, steps, stop)) return {};
    return arms;
  }

 private:
  /// As Fit measures before it grows.
  double measure(const State& s) const { return probe_.measure(backend_, s.model.net, s.model.teacher); }

  Rng stream(Index order) const {
    return order == 0 ? rng_ : rng_.split("fork").split(static_cast<std::uint64_t>(order));
  }

  template <class F>
  static bool advance(F& fit, State& state, Index steps, const std::atomic<bool>& stop) {
    for (Index k = 0; k < steps; ++k) {
      if (stop.load(std::memory_order_relaxed)) return false;
      fit.step(state);
    }
    fit.bring_home(state);
    return true;
  }

  B& backend_;
  const Data& data_;
  const InstanceProbe& probe_;
  FitConfig config_;
  R recipe_;
  Rng rng_;
};

/// `make_matched_fork(backend, data, probe, config, recipe, rng)`: a MatchedFork with its types deduced. A readout
/// other than Flatten is named, as for `make_fit`.
template <class Readout = Flatten, class B, Dataset Data, class R>
MatchedFork<B, Data, Readout, R> make_matched_fork(B& backend, const Data& data, const InstanceProbe& probe,
                                                   FitConfig config, R recipe, const Rng& rng) {
  return {backend, data, probe, config, std::move(recipe), rng};
}

}  // namespace sseg

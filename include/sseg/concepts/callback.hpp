#pragma once
#include <array>
#include <limits>

#include "sseg/concepts/loss_value.hpp"
#include "sseg/concepts/scheduler.hpp"

namespace sseg {

struct CollapseReport;  // ssl/collapse_report.hpp

/// After every training step.
struct StepInfo {
  Progress at;  ///< step counts from 1 here: steps done so far
  LossValue loss{};
  float rate = 0;  ///< learning rate
};
/// After every look at the probe.
struct ProbeInfo {
  Progress at;
  double probe = 0;
  double loss = std::numeric_limits<double>::quiet_NaN();  ///< mean of the steps since the last look
  std::array<double, 4> levels{};  ///< shares of the curriculum's levels in the last batch; all 0 without one
  double knn = std::numeric_limits<double>::quiet_NaN();  ///< accuracy of neighbours; NaN: not watched
};
/// At the end; `finished` is false when training was asked to stop early.
struct EndInfo {
  Progress at;
  bool finished = true;
};

template <class C>
concept HearsStep = requires(C& c, const StepInfo& i) {
  c.on_step(i);
};
template <class C>
concept HearsProbe = requires(C& c, const ProbeInfo& i) {
  c.on_probe(i);
};
template <class C, class Record>
concept HearsMutation = requires(C& c, const Record& r) {
  c.on_mutation(r);
};
template <class C, class State>
concept HearsState = requires(C& c, const State& s) {
  c.on_state(s);
};
template <class C>
concept HearsCollapse = requires(C& c, const CollapseReport& r) {
  c.on_collapse(r);
};
template <class C>
concept HearsEnd = requires(C& c, const EndInfo& i) {
  c.on_end(i);
};

/// Listens to training: at least one of `on_step(StepInfo)`, `on_probe(ProbeInfo)`, `on_mutation(MutationRecord)`,
/// `on_state(TrainState)` (after every probe and its mutation; a place for checkpoints), `on_collapse(CollapseReport)`
/// (when the collapse monitor confirms another verdict than before) and `on_end(EndInfo)`.
template <class C, class Record, class State>
concept Callback = HearsStep<C> || HearsProbe<C> || HearsMutation<C, Record> || HearsState<C, State> ||
    HearsCollapse<C> || HearsEnd<C>;

/// Speaks one sentence when a would-be callback hears nothing: a hook is misspelt or takes another argument.
template <std::size_t Position, class C, class Record, class State>
struct CheckCallback {
  static_assert(Callback<C, Record, State>,
                "sseg: a callback needs at least one of  on_step(const StepInfo&),  on_probe(const ProbeInfo&), "
                " on_mutation(const MutationRecord&),  on_state(const TrainState&),  on_end(const EndInfo&); this one "
                "has none, so a hook may be misspelt.");
  static constexpr bool ok = true;
};

}  // namespace sseg

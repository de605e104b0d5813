#include "sseg/train/callbacks/early_stop.hpp"
#include "sseg/train/callbacks/time_budget.hpp"
#include "support/catch.hpp"
#include "unit/train/small_run.hpp"

namespace callbacks_in_a_run_test {

using namespace small_run;

namespace {

/// Hears how the run ended.
struct Ending {
  EndInfo info;
  void on_end(const EndInfo& e) { info = e; }
};

/// A run of small steps that does not grow, with one callback that may end it.
template <class C>
EndInfo end_of_run(C& callback, const std::atomic<bool>& stop) {
  Cpu cpu(1);
  State state = start();
  const Images train = images();
  auto r = recipe();
  r.growth.trigger = {.patience = 1000, .max_wait = 0};
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  Ending ending;
  auto fit = make_fit(cpu, train, probe, config, r, Rng(3), callback, ending);
  fit.run(state, stop);
  return ending.info;
}

}  // namespace

TEST_CASE("a run ends at the probe with which patience runs out") {
  std::atomic<bool> stop{false};
  sseg::StopMemory memory;
  EarlyStop early({.patience = 2, .min_gain = 2}, stop, memory);  // no probe gains that much
  const EndInfo end = end_of_run(early, stop);
  CHECK(end.at.step == 3 * config.probe_every);
  CHECK_FALSE(end.finished);
  CHECK(early.stopped());
  CHECK(memory.best_step == config.probe_every);
}

TEST_CASE("a run ends with its budget, and goes to its end within one") {
  double now = 0;
  std::atomic<bool> stop{false};
  TimeBudget budget({.seconds = 10.5, .warn = 1}, stop, stderr, [&] { return now += 1; });
  const EndInfo end = end_of_run(budget, stop);
  CHECK(end.at.step == 10);
  CHECK_FALSE(end.finished);
  CHECK(budget.stopped());
  stop = false;
  TimeBudget plenty({.seconds = 3600}, stop);
  CHECK(end_of_run(plenty, stop).finished);
}

}  // namespace callbacks_in_a_run_test

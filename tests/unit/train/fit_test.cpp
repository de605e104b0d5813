#include "small_run.hpp"
#include "support/catch.hpp"

namespace fit_test {

using namespace small_run;

namespace {
struct Listener {
  std::vector<double> losses;
  std::vector<MutationRecord> mutations;
  int probes = 0, states = 0, ends = 0;
  void on_step(const StepInfo& s) { losses.push_back(s.loss); }
  void on_probe(const ProbeInfo&) { ++probes; }
  void on_mutation(const MutationRecord& m) { mutations.push_back(m); }
  void on_state(const State&) { ++states; }
  void on_end(const EndInfo& e) { ends += e.finished; }
};
struct StopAt {
  Index step;
  std::atomic<bool>& stop;
  void on_step(const StepInfo& s) {
    if (s.at.step == step) stop = true;
  }
};
}  // namespace

TEST_CASE("A run grows and widens, and tells its listeners") {
  Listener heard;
  const State s = trained(2, heard);
  CHECK(s.step == 24);
  CHECK(heard.losses.size() == 24);
  CHECK(heard.probes == 6);
  CHECK(heard.states == 6);
  CHECK(heard.ends == 1);
  REQUIRE(heard.mutations.size() == s.history.size());
  REQUIRE(s.history.size() >= 2);
  CHECK(s.history[0].kind == "grow");
  CHECK(s.history[1].kind == "widen");
  for (const auto& m : s.history) {
    CHECK(m.params_after > m.params_before);
    CHECK(m.macs_after > m.macs_before);
    CHECK(m.keeps_function);
    CHECK(!m.place.empty());
    CHECK(m.step % 4 == 0);
  }
  CHECK(s.history.back().net_after == describe(backbone(s.model.net)));
}

TEST_CASE("Training lowers the loss") {
  Listener heard;
  trained(2, heard);
  double early = 0, late = 0;
  for (std::size_t i = 0; i < 6; ++i) early += heard.losses[i], late += heard.losses[heard.losses.size() - 1 - i];
  CHECK(late < 0.9 * early);
}

TEST_CASE("The same seed gives the same bits for 1, 2 and 3 threads, through mutations") {
  const State one = trained(1);
  CHECK(same_bits(one, trained(1)));
  CHECK(same_bits(one, trained(2)));
  CHECK(same_bits(one, trained(3)));
}

TEST_CASE("A run that was stopped and continued ends with the bits of one that was not") {
  const State whole = trained(2);
  for (const Index at : {Index{3}, Index{8}, Index{13}}) {
    State parts = start();
    std::atomic<bool> stop{false};
    StopAt stopper{at, stop};
    run(parts, 1, config, stop, stopper);
    CHECK(parts.step == at);
    stop = false;
    run(parts, 2, config, stop);
    CHECK(same_bits(whole, parts));
  }
}

TEST_CASE("A run that recomputes ends with the bits of one that does not, through mutations and with routing") {
  for (const SmallRecipe& r : {recipe(), routed_recipe()}) {
    const std::atomic<bool> stop{false};
    FitConfig less = config;
    less.recompute = true;
    State plain = start(), again = start();
    run_recipe(r, plain, 1, config, stop);
    run_recipe(r, again, 2, less, stop);
    REQUIRE(again.history.size() >= 2);
    const auto& list = stages(backbone(again.model.net));
    for (const auto& slot : list.slots) CHECK(residuals(slot.block).recompute);
    CHECK(same_bits(plain, again));  // nets are the same nets however they run
  }
}

TEST_CASE("The teacher follows the student through mutations, statistics too") {
  const State s = trained(2);
  CHECK(s.model.teacher.value.size() == s.model.student.value.size());
  CHECK(s.model.teacher.state.size() == s.model.student.state.size());
  CHECK_FALSE(s.model.teacher.value == s.model.student.value);
  for (const auto& e : s.model.teacher.entries)
    if (e.desc.key.ends_with("/running_var")) {
      double moved = 0;
      for (const float v : s.model.teacher.values(e)) moved += static_cast<double>(std::abs(v - 1.f));
      CHECK(moved > 0);
    }
}

TEST_CASE("A loss that is not finite stops the run with an error") {
  State s = start();
  s.model.student.value[0] = std::nanf("");
  const std::atomic<bool> stop{false};
  CHECK_THROWS_AS(run(s, 1, config, stop), Error);
}

TEST_CASE("A run whose features collapse says so once, and stops when it was told to") {
  struct Listener {
    std::vector<CollapseReport> heard;
    bool finished = true;
    void on_collapse(const CollapseReport& r) { heard.push_back(r); }
    void on_end(const EndInfo& e) { finished = e.finished; }
  };
  SmallRecipe r = recipe();
  r.collapse = {.every = 2, .min_std = 0.99, .patience = 3};  // stricter than any net could be
  Listener warned, stopped;
  State s = start();
  run_recipe(r, s, 2, config, {false}, warned);
  CHECK(s.step == config.steps);
  REQUIRE(warned.heard.size() == 1);
  CHECK(warned.heard[0].step == 4);
  CHECK(warned.heard[0].verdict == Collapse::constant);
  State other = trained(2);
  s.collapse = other.collapse;
  CHECK(same_bits(s, other));  // looking changes nothing else

  r.collapse.stop = true;
  State early = start();
  run_recipe(r, early, 2, config, {false}, stopped);
  CHECK(early.step == 5);
  CHECK_FALSE(stopped.finished);
}

}  // namespace fit_test

#include "sseg/train/matched_fork.hpp"

#include <type_traits>

#include "small_run.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace matched_fork_test {

using namespace small_run;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

constexpr Index fork_at = 8, fork_steps = 7;  // from a probe to the step before the probe after next
const std::atomic<bool> go_on{false};

/// Grows first at the second probe, step 8, and never before step 16 again; or never.
SmallRecipe recipe_that(bool grows, bool routes = false) {
  SmallRecipe r = recipe();
  r.growth.trigger = {.patience = 1000, .max_wait = grows ? 2 : 0};
  if (routes)
    r.routing = {RouterConfig{.unit = "channel", .keep = 0.5, .start_step = 2, .ramp_steps = 6, .update_every = 3}, 9};
  return r;
}

struct StopAt {
  Index step;
  std::atomic<bool>& stop;
  void on_step(const StepInfo& s) { stop = s.at.step == step; }
};
State run_to(const SmallRecipe& r, Index step) {
  State s = start();
  std::atomic<bool> stop{false};
  StopAt stopper{step, stop};
  run_recipe(r, s, 1, config, stop, stopper);
  return s;
}

/// All that training carries but the trigger's memory and the mean loss between probes: a fork looks at no probe.
bool same_training(State a, const State& b) {
  a.plateau = b.plateau;
  a.loss = b.loss;
  const auto equal = [](const auto& x, const auto& y) { return std::ranges::equal(x, y); };
  if (a.routing.has_value() != b.routing.has_value()) return false;
  if (a.routing && !(a.routing->router.masks() == b.routing->router.masks() &&
                     a.routing->positive.store().state == b.routing->positive.store().state))
    return false;
  return same_bits(a, b) && equal(a.sensitivity.values(), b.sensitivity.values());
}

/// Calls f(fork) with a fork of the small run.
template <class Recipe, class F>
auto with_fork(const Recipe& r, int threads, FitConfig c, F&& f) {
  Cpu cpu(threads);
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  return f(make_matched_fork(cpu, train, probe, c, r, Rng(3)));
}
ForkArms<State> forked(const SmallRecipe& r, const State& s, int threads, Index order = 0) {
  return with_fork(r, threads, config, [&](const auto& fork) {
    return fork.run(s, fork.proposal(s).value(), fork_steps, order, go_on).value();
  });
}

/// Changes nothing: what is left between two arms is not the mutation.
struct Nothing {
  static constexpr std::string_view name = "nothing";
  static constexpr bool keeps_function = true;
  struct Edit {
    bool operator==(const Edit&) const = default;
  };
  bool operator==(const Nothing&) const = default;
  std::optional<Edit> propose(const Net&, const Signals&, Rng&) const { return Edit{}; }
  Net apply(Net net, const Edit&) const { return net; }
  std::string place(const Net&, const Edit&) const { return "nowhere"; }
  template <class Store>
  void carry(const Net&, const Edit&, const Store&, Store&) const {}
};

}  // namespace

TEST_CASE("The arms of a fork are the run without growth and the run that mutates there, bit for bit") {
  for (const bool routes : {false, true}) {
    const SmallRecipe grows = recipe_that(true, routes), never = recipe_that(false, routes);
    const State snapshot = run_to(never, fork_at);
    const auto arms = forked(grows, snapshot, 2);
    const State plain = run_to(never, fork_at + fork_steps), grown = run_to(grows, fork_at + fork_steps);
    REQUIRE(grown.history.size() == 1);
    CHECK(grown.history[0].step == fork_at);
    CHECK(arms.plain.history.empty());
    CHECK(same_training(arms.plain, plain));
    CHECK(same_training(arms.grown, grown));
    CHECK_FALSE(arms.grown.model.net == arms.plain.model.net);
  }
}

TEST_CASE("A fork gives the same bits for 1, 2 and 3 threads, over any order") {
  const SmallRecipe r = recipe_that(true);
  const State snapshot = run_to(recipe_that(false), fork_at);
  for (const Index order : {Index{0}, Index{2}}) {
    const auto one = forked(r, snapshot, 1, order);
    for (const int threads : {2, 3}) {
      const auto arms = forked(r, snapshot, threads, order);
      CHECK(same_bits(one.plain, arms.plain));
      CHECK(same_bits(one.grown, arms.grown));
    }
  }
}

TEST_CASE("Without a change both arms are the same, whatever the order: batches and views are matched") {
  const State snapshot = run_to(recipe_that(false), fork_at);
  const SmallRecipe s = recipe();
  const auto r = make_recipe(s.views, s.objective, s.optimizer, s.rate, s.teacher, Evolve<Plateau, Nothing>{});
  FitConfig c = config;
  c.recalibrate_steps = 0;
  State last;
  for (const Index order : {Index{0}, Index{1}, Index{2}}) {
    auto arms = with_fork(r, 2, c, [&](const auto& fork) {
      return fork.run(snapshot, fork.proposal(snapshot).value(), fork_steps, order, go_on).value();
    });
    REQUIRE(arms.grown.history.size() == 1);
    arms.grown.history.clear();
    CHECK(same_training(arms.grown, arms.plain));
    CHECK_FALSE(same_training(arms.plain, last));  // the orders differ
    last = arms.plain;
  }
}

TEST_CASE("Another order changes batches and views, not the mutation") {
  const State snapshot = run_to(recipe_that(false), fork_at);
  const auto a = forked(recipe_that(true), snapshot, 2, 0), b = forked(recipe_that(true), snapshot, 2, 1);
  CHECK(a.grown.history == b.grown.history);
  CHECK(a.grown.model.net == b.grown.model.net);
  CHECK_FALSE(a.plain.model.student.value == b.plain.model.student.value);
}

TEST_CASE("A proposal is what the run does next, and asking changes nothing") {
  const State snapshot = run_to(recipe_that(false), fork_at), copy = snapshot;
  const auto edit = with_fork(recipe_that(true), 2, config, [&](const auto& fork) { return fork.proposal(snapshot); });
  REQUIRE(edit.has_value());
  CHECK(*edit == run_to(recipe_that(true), fork_at).history.at(0).edit);
  CHECK(same_bits(snapshot, copy));
  SmallRecipe full = recipe_that(true);
  std::get<0>(full.growth.mutations).max_blocks = 0;
  std::get<1>(full.growth.mutations).max_channels = 0;
  CHECK_FALSE(with_fork(full, 2, config, [&](const auto& fork) { return fork.proposal(snapshot); }).has_value());
}

TEST_CASE("A recorded edit can be forked from an earlier state") {
  const State snapshot = run_to(recipe_that(false), 4);
  const MutationRecord later = run_to(recipe_that(true), fork_at).history.at(0);
  with_fork(recipe_that(true), 2, config, [&](const auto& fork) {
    const auto arms = fork.run(snapshot, later.edit, 2, 0, go_on).value();
    REQUIRE(arms.grown.history.size() == 1);
    CHECK(arms.grown.history[0].edit == later.edit);
    CHECK(arms.grown.history[0].step == 4);
    CHECK(arms.grown.history[0].place == later.place);
    CHECK(arms.grown.history[0].net_after == later.net_after);
  });
}

TEST_CASE("Callbacks hear both arms, and a fork that was stopped says so") {
  struct Listener {
    std::vector<Index> steps;
    std::vector<std::size_t> mutated_after;
    void on_step(const StepInfo& s) { steps.push_back(s.at.step); }
    void on_mutation(const MutationRecord&) { mutated_after.push_back(steps.size()); }
  } heard;
  const State snapshot = run_to(recipe_that(false), fork_at);
  with_fork(recipe_that(true), 2, config, [&](const auto& fork) {
    const EditRecord edit = fork.proposal(snapshot).value();
    CHECK(fork.run(snapshot, edit, 2, 0, go_on, heard).has_value());
    CHECK(heard.steps == std::vector<Index>{9, 10, 9, 10});
    CHECK(heard.mutated_after == std::vector<std::size_t>{2});
    std::atomic<bool> stop{false};
    StopAt stopper{fork_at + 1, stop};
    CHECK_FALSE(fork.run(snapshot, edit, 2, 0, stop, stopper).has_value());
  });
}

TEST_CASE("A fork that cannot be is refused in words") {
  const State snapshot = run_to(recipe_that(false), fork_at);
  with_fork(recipe_that(true), 2, config, [&](const auto& fork) {
    const EditRecord edit = fork.proposal(snapshot).value();
    const auto error = [&](const EditRecord& e, Index steps, Index order) {
      return message_of([&] { fork.run(snapshot, e, steps, order, go_on); });
    };
    CHECK(error(edit, config.steps - fork_at, 0).empty());
    CHECK_THAT(error(edit, config.steps - fork_at + 1, 0), Contains("the run ends before the fork does"));
    CHECK_THAT(error(edit, 0, 0), Contains("a step or more"));
    CHECK_THAT(error(edit, 1, -1), Contains("count from 0"));
    EditRecord unknown = edit;
    unknown.kind = "shrink";
    CHECK_THAT(error(unknown, 1, 0), Contains("no mutation is called 'shrink'"));
  });
}

}  // namespace matched_fork_test

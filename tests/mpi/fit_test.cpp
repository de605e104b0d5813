// Whole runs on k ranks, through probes and mutations, on the Cpu.
#include <algorithm>
#include <cmath>
#include <vector>

#include "mpi/ranks.hpp"
#include "sseg/dist/across.hpp"
#include "support/away.hpp"
#include "support/catch.hpp"
#include "unit/train/small_run.hpp"

namespace fit_test {

using namespace small_run;

namespace {

using Ranks = Across<Cpu, Mpi>;

constexpr FitConfig shared{.steps = 24, .batch = 24, .probe_every = 4, .recalibrate_steps = 2};

/// Small steps: rounding grows from step to step, and this must stay a comparison.
SmallRecipe calm_recipe() {
  SmallRecipe r = recipe();
  r.rate.inner.peak = 0.001f;
  return r;
}

struct Hearing {
  Ranks* across;
  std::vector<double> losses{};
  Index states = 0;
  void on_step(const StepInfo& s) { losses.push_back(s.loss); }
  /// After every probe and its mutation: all that training carries on is the same on every rank.
  void on_state(const State& s) {
    ++states;
    if (across == nullptr) return;
    const AllRanks<Ranks> all(*across);
    for (const ParamStore<float>* store : {&s.model.student, &s.model.teacher}) {
      all.check_same(std::span<const float>(store->value.span()));
      all.check_same(std::span<const float>(store->state.span()));
      for (const auto& moment : store->moment) all.check_same(std::span<const float>(moment.span()));
    }
    const std::vector<double> others{s.loss.sum, s.plateau.best, static_cast<double>(s.history.size()),
                                     static_cast<double>(s.step), static_cast<double>(s.collapse.agreeing)};
    all.check_same(std::span<const double>(others));
  }
};

template <class B>
void run_on(B& backend, const SmallRecipe& r, State& state, FitConfig c, Hearing& hearing, bool stop_now = false) {
  const std::atomic<bool> stop{stop_now};
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(backend, train, probe, c, r, Rng(3), hearing);
  fit.run(state, stop);
}
State trained_on_ranks(const SmallRecipe& r, Hearing& hearing, FitConfig c = shared, bool statistics = true) {
  Cpu cpu(1);
  Ranks across(cpu, ranks(), statistics);
  hearing.across = &across;
  State state = start();
  run_on(across, r, state, c, hearing);
  return state;
}
State trained_by_one(const SmallRecipe& r, Hearing& hearing, FitConfig c = shared) {
  Cpu cpu(1);
  State state = start();
  run_on(cpu, r, state, c, hearing);
  return state;
}

double furthest(const Buffer<float>& a, const Buffer<float>& b) {
  if (a.size() != b.size()) return 1e9;
  double worst = 0;
  for (Index i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(a[i] - b[i])));
  return worst;
}

/// The same run but for rounding: the same net came of the same decisions.
void check_near(const State& a, const State& b) {
  CHECK(a.step == b.step);
  REQUIRE(a.history.size() == b.history.size());
  for (std::size_t i = 0; i < a.history.size(); ++i) {
    CHECK(a.history[i].place == b.history[i].place);
    CHECK(a.history[i].edit == b.history[i].edit);
  }
  REQUIRE(a.model.net == b.model.net);
  CHECK(furthest(a.model.student.value, b.model.student.value) < 5e-3);  // weights are up to 1, and move by 0.02
  CHECK(furthest(a.model.teacher.value, b.model.teacher.value) < 5e-3);
  CHECK(furthest(a.model.student.state, b.model.student.state) < 5e-3);
}

}  // namespace

TEST_CASE("k ranks with batch B/k train as one process with batch B, through mutations") {
  Hearing together, apart{nullptr};
  const State many = trained_on_ranks(calm_recipe(), together), one = trained_by_one(calm_recipe(), apart);
  REQUIRE(one.history.size() >= 2);
  check_near(one, many);
  REQUIRE(together.losses.size() == apart.losses.size());
  CHECK(together.losses[0] == Approx(apart.losses[0]).epsilon(1e-5));
  for (std::size_t i = 0; i < apart.losses.size(); ++i)
    CHECK(together.losses[i] == Approx(apart.losses[i]).epsilon(2e-3));
  CHECK(together.states >= 6);
  if (ranks().size() == 1) CHECK(same_bits(one, many));
}

TEST_CASE("The same number of ranks gives the same bits, whatever the threads, routed and with own statistics too") {
  Hearing hearing;
  CHECK(same_bits(trained_on_ranks(recipe(), hearing), trained_on_ranks(recipe(), hearing)));
  CHECK(same_bits(trained_on_ranks(recipe(), hearing, shared, false),
                  trained_on_ranks(recipe(), hearing, shared, false)));
  const State routed = trained_on_ranks(routed_recipe(), hearing);
  CHECK(same_bits(routed, trained_on_ranks(routed_recipe(), hearing)));
  CHECK(routed.history.size() >= 2);

  Cpu two(2);
  Ranks across(two, ranks());
  hearing.across = &across;
  State state = start();
  run_on(across, recipe(), state, shared, hearing);
  CHECK(same_bits(state, trained_on_ranks(recipe(), hearing)));
}

TEST_CASE(
    "Ranks whose tensors lie where the host cannot touch them, sent over the host, come to the bits of ranks on it") {
  Hearing hearing;
  for (const bool statistics : {true, false})
    for (const SmallRecipe& r : {recipe(), routed_recipe()}) {
      Away<Cpu> away(1);
      Across across(away, ranks(), statistics);
      Hearing none{nullptr};
      State state = start();
      run_on(across, r, state, shared, none);
      CHECK(same_bits(state, trained_on_ranks(r, hearing, shared, statistics)));
    }
}

TEST_CASE("A run of k ranks goes on in one process, and one of one process on k ranks") {
  Hearing hearing, apart{nullptr};
  FitConfig half = shared;
  half.steps = 12;
  SmallRecipe first = calm_recipe();  // the same rates as over the whole run
  first.rate.inner.floor = first.rate.inner.peak;

  Cpu cpu(1);
  State state = trained_on_ranks(first, hearing, half);
  REQUIRE(state.step == 12);
  run_on(cpu, first, state, shared, apart);
  CHECK(state.step == shared.steps);

  Ranks across(cpu, ranks());
  hearing.across = &across;
  State other = trained_by_one(first, apart, half);
  run_on(across, first, other, shared, hearing);
  check_near(other, state);
}

TEST_CASE("Trials are made by all ranks, and one choice comes of them") {
  SmallRecipe r = recipe();
  r.growth.selector = {.choice = "trial", .trial_count = 2, .trial_steps = 2};
  r.growth.selector.budget.max_milliseconds = 1e6;  // asks a clock, each rank its own
  Hearing hearing;
  const State state = trained_on_ranks(r, hearing);
  CHECK(state.history.size() >= 2);
}

TEST_CASE("A wish to stop of any rank stops all after the same step") {
  struct StopOne {
    std::atomic<bool>& stop;
    void on_step(const StepInfo& s) {
      if (s.at.step == 5 && ranks().rank() == ranks().size() - 1) stop = true;
    }
  };
  Cpu cpu(1);
  Ranks across(cpu, ranks());
  std::atomic<bool> stop{false};
  StopOne one{stop};
  State state = start();
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(across, train, probe, shared, r, Rng(3), one);
  fit.run(state, stop);
  CHECK(state.step == 5);
}

TEST_CASE("Ranks that start from other nets are told so before they train") {
  if (ranks().size() == 1) return;
  Cpu cpu(1);
  Ranks across(cpu, ranks());
  Hearing hearing{&across};
  State state = start();
  if (ranks().rank() == 1) state.model.student.value[3] += 1;
  CHECK_THROWS_WITH(run_on(across, recipe(), state, shared, hearing),
                    Catch::Matchers::Contains("other parameters than rank 0"));
  FitConfig odd = shared;
  odd.batch = 23;
  CHECK_THROWS_WITH(run_on(across, recipe(), state, odd, hearing), Catch::Matchers::Contains("cannot be shared by"));
}

}  // namespace fit_test

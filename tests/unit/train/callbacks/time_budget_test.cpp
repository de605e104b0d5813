#include "sseg/train/callbacks/time_budget.hpp"

#include <string>

#include "sseg/evolve/history.hpp"
#include "support/captured_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace time_budget_test {

using sseg::Index;
using sseg::TimeBudget;
using sseg::TimeBudgetConfig;

struct NoState {};
static_assert(sseg::Callback<TimeBudget, sseg::MutationRecord, NoState>);
static_assert(sseg::HearsStep<TimeBudget>);

namespace {

struct Run {
  Index steps = 0;     ///< done when it stopped
  double seconds = 0;  ///< then
  bool stopped = false;
  std::string text;
};

/// A run whose step s (from 1) takes duration(s) seconds, after `before` seconds of getting ready.
template <class Duration>
Run run(TimeBudgetConfig config, Index steps, Duration&& duration, double before = 0) {
  double now = 1000;  // the clock starts anywhere
  std::atomic<bool> stop{false};
  sseg_test::CapturedFile out;
  TimeBudget budget(config, stop, out.file(), [&] { return now; });
  now += before;
  Index s = 0;
  while (s < steps && !stop) {
    now += duration(++s);
    budget.on_step({{s, steps}, 1.0, 0.1f});
  }
  CHECK(stop == budget.stopped());
  return {s, now - 1000, budget.stopped(), out.text()};
}
double one_second(Index) { return 1; }

}  // namespace

TEST_CASE("a run is stopped before it exceeds its budget") {
  const Run r = run({.seconds = 20.5}, 100, one_second);
  CHECK(r.stopped);
  CHECK(r.steps == 20);
  CHECK(r.seconds <= 20.5);
}

TEST_CASE("a run that fits its budget is left alone") {
  const Run r = run({.seconds = 20.5}, 20, one_second);
  CHECK(r.steps == 20);
  CHECK_FALSE(r.stopped);
  CHECK(r.text.empty());
  CHECK_FALSE(run({.seconds = 0}, 50, one_second).stopped);  // no limit
}

TEST_CASE("getting ready counts against the budget, but not as a step") {
  const Run r = run({.seconds = 20.5}, 100, one_second, 12);
  CHECK(r.steps == 8);
  CHECK(r.seconds <= 20.5);
  CHECK(run({.seconds = 20.5}, 100, one_second, 30).steps == 1);  // too late already
}

TEST_CASE("probes between steps are reckoned with: the longest recent step must still fit") {
  const auto with_probe = [](Index s) { return s % 10 == 1 && s > 1 ? 5.0 : 1.0; };  // the gap behind every tenth step
  for (const double seconds : {42.0, 44.0, 47.0, 51.0}) {  // the probe's gap comes at once, or some steps later
    const Run r = run({.seconds = seconds}, 1000, with_probe);
    CHECK(r.stopped);
    CHECK(r.seconds <= seconds);
    CHECK(r.seconds >= seconds - 6);
  }
}

TEST_CASE("a single hitch long ago does not cut the run short") {
  const auto hitch = [](Index s) { return s == 5 ? 200.0 : 1.0; };
  const Run r = run({.seconds = 6000}, 100000, hitch);
  CHECK(r.seconds <= 6000);
  CHECK(r.seconds > 5990);
}

TEST_CASE("a run that will not reach its last step says so once, when a share of the budget is used") {
  const Run r = run({.seconds = 100, .warn = 0.5}, 200, one_second);
  CHECK(r.text == "  step 50 of 200: 0:50 of the budget of 1:40 are left, the run needs 2:30; it will end early\n");
  CHECK(r.steps == 99);
  // It speeds up after the warning share: nothing to say before, nothing after.
  CHECK(run({.seconds = 100, .warn = 0.5}, 100, [](Index) { return 0.9; }).text.empty());
  const Run late = run({.seconds = 100, .warn = 0.9}, 95, [](Index s) { return s < 60 ? 1.0 : 1.5; });
  CHECK_THAT(late.text, sseg_test::Contains("will end early"));
}

TEST_CASE("a budget of time cannot be negative") {
  std::atomic<bool> stop{false};
  CHECK_THAT(sseg_test::message_of([&] { TimeBudget({.seconds = -1}, stop); }), sseg_test::Contains("negative"));
  CHECK_THAT(sseg_test::message_of([&] { TimeBudget({.seconds = 1, .warn = -1}, stop); }),
             sseg_test::Contains("negative"));
}

TEST_CASE("the clock of a budget goes forward by itself") {
  const double first = TimeBudget::steady_seconds();
  double next = first;
  for (int i = 0; i < 100000000 && next == first; ++i) next = TimeBudget::steady_seconds();
  CHECK(next > first);
}

}  // namespace time_budget_test

#include "sseg/evolve/history.hpp"

#include "sseg/optim/schedule.hpp"
#include "support/catch.hpp"

namespace history_test {

using namespace sseg;

namespace {
MutationRecord at(Index step, bool keeps_function) {
  MutationRecord m;
  m.step = step;
  m.keeps_function = keeps_function;
  return m;
}
}  // namespace

TEST_CASE("The steps since a change count from the last mutation that did not keep the function") {
  CHECK(steps_since_change({}, 7) == -1);
  CHECK(steps_since_change({at(3, true), at(5, true)}, 7) == -1);
  const History history{at(2, false), at(4, false), at(6, true)};
  CHECK(steps_since_change(history, 4) == 0);
  CHECK(steps_since_change(history, 7) == 3);
}

TEST_CASE("A rewarm by the history warms up after a change, and leaves the rate alone without one") {
  const Rewarm rewarm{.steps = 4};
  CHECK(rewarm.factor(steps_since_change({at(5, true)}, 6)) == 1.f);
  const History changed{at(5, false), at(6, true)};
  CHECK(rewarm.factor(steps_since_change(changed, 5)) == 0.25f);
  CHECK(rewarm.factor(steps_since_change(changed, 8)) == 1.f);
  CHECK(rewarm.factor(steps_since_change(changed, 9)) == 1.f);
}

}  // namespace history_test

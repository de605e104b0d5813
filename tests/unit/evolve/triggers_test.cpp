#include <type_traits>
#include <vector>

#include "sseg/evolve/at_steps.hpp"
#include "sseg/evolve/every.hpp"
#include "sseg/evolve/manual.hpp"
#include "sseg/evolve/plateau.hpp"
#include "support/catch.hpp"

namespace triggers_test {

using namespace sseg;

namespace {
/// The probes, from 1 on, at which a trigger fires; `can` says whether the mutation is then possible.
template <class Trigger>
std::vector<int> fired(const Trigger& trigger, int probes) {
  typename Trigger::Memory m;
  std::vector<int> at;
  for (int i = 1; i <= probes; ++i)
    if (trigger.due(m, 0.1 * i)) {
      at.push_back(i);
      trigger.mutated(m);
    }
  return at;
}
}  // namespace

TEST_CASE("Every fires on schedule, whatever the probe says") {
  CHECK(fired(Every{.probes = 3}, 10) == std::vector<int>{3, 6, 9});
  CHECK(fired(Every{.probes = 1}, 3) == std::vector<int>{1, 2, 3});
}

TEST_CASE("AtSteps fires at the first probe at or after each step, once for steps that share one") {
  CHECK(fired(AtSteps{.steps = {100, 250, 260, 401}, .probe_every = 100}, 8) == std::vector<int>{1, 3, 5});
  CHECK(fired(AtSteps{.steps = {30, 5}, .probe_every = 10}, 5) == std::vector<int>{1, 3});
  CHECK(fired(AtSteps{}, 5).empty());
}

TEST_CASE("Manual fires when it was asked, at the next probe, once") {
  const Manual manual;
  Manual::Memory m;
  CHECK_FALSE(manual.due(m, 0));
  Manual::ask(m);
  CHECK(manual.due(m, 0));
  manual.mutated(m);
  CHECK_FALSE(manual.due(m, 0));
  CHECK(m.seen == 3);
}

TEST_CASE("All triggers remember in one type, and only Manual listens to being asked") {
  static_assert(std::is_same_v<Every::Memory, Plateau::Memory>);
  static_assert(std::is_same_v<AtSteps::Memory, Manual::Memory>);
  TriggerMemory m;
  Manual::ask(m);
  CHECK_FALSE(Plateau{}.due(m, 0.5));
  CHECK_FALSE(Every{}.due(m, 0.5));
  CHECK_FALSE(AtSteps{}.due(m, 0.5));
  CHECK(m.asked);
}

}  // namespace triggers_test

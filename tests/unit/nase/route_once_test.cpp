#include "sseg/nase/route_once.hpp"

#include "support/catch.hpp"
#include "unit/io/message_of.hpp"
#include "unit/nase/small_net.hpp"

namespace route_once_test {

using namespace sseg;

TEST_CASE("Masks made at once keep the share that was asked, whatever the schedule says") {
  const auto store = small_net::used_store<float>(small_net::make(), 1);
  ImportanceScorer<RandomScore> scores(RandomScore{4});
  scores.observe(store);
  for (const char* unit : {"weight", "channel"})
    for (const double keep : {1.0, 0.75, 0.5, 0.25}) {
      RouterConfig c;
      c.unit = unit;
      c.keep = 0.9;
      c.start_step = 500;
      const SparseRouter router = route_once(store, scores, c, keep);
      INFO(unit << " " << keep);
      CHECK(router.settled());
      CHECK(router.units() - router.units_kept() == units_removed(router.units(), keep));
      CHECK(router.config().unit == unit);

      SparseRouter slow(RouterConfig{.unit = unit, .keep = keep, .ramp_steps = 0});
      slow.update(store, scores, 0);
      CHECK(router.masks() == slow.masks());
    }
}

TEST_CASE("Masks made at once refuse a share that is none") {
  const auto store = small_net::used_store<float>(small_net::make(), 1);
  ImportanceScorer<RandomScore> scores;
  scores.observe(store);
  for (const double wrong : {0.0, -0.5, 1.01})
    CHECK_FALSE(sseg_test::message_of([&] { route_once(store, scores, RouterConfig{}, wrong); }).empty());
}

}  // namespace route_once_test

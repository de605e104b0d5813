#include "small_run.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"

using namespace small_run;

TEST_CASE("A training step allocates nothing after the first of its epoch") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  Cpu cpu(2);
  const Images train = images();
  const InstanceProbe probe(probe_images(), recipe().augment, Rng(2));
  auto fit = make_fit(cpu, train, probe, config, recipe(), Rng(3));
  State state = start();
  for (int i = 0; i < 8; ++i) fit.step(state);  // one epoch of 7 steps, and the shuffle that begins the next
  const long before = malloc_count();
  for (int i = 0; i < 5; ++i) fit.step(state);
  CHECK(malloc_count() - before == 0);

  mutate(state.model, Grow{}, {0}, Rng(1));  // the larger net needs more once
  fit.step(state);
  const long grown = malloc_count();
  for (int i = 0; i < 4; ++i) fit.step(state);
  CHECK(malloc_count() - grown == 0);
}

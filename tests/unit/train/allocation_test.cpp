#include "small_run.hpp"
#include "sseg/augment/brightness.hpp"
#include "sseg/augment/erase.hpp"
#include "sseg/augment/frame.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"

namespace allocation_test {

using namespace small_run;

TEST_CASE("A training step allocates nothing after the first") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  Cpu cpu(2);
  Images train = images();
  train.name = "a name that is too long for a small string";
  // Everything the main job distorts with, on pictures larger than the net reads, as drawings are.
  const auto augment = pipeline(Warp{}, Brightness{}, Erase{}, Frame{.side = 8, .center = true, .rescale = true});
  const InstanceProbe probe(probe_images(), augment, Rng(2));
  const auto r = recipe();
  auto fit = make_fit(cpu, train, probe, config,
                      make_recipe(two_views(augment), r.objective, r.optimizer, r.rate, r.teacher, r.growth), Rng(3));
  const Shape input{8, 8, 1};
  State state = start(input);
  run_until_quiet([&, k = Index{0}]() mutable {
    state.step = k++ % 2;
    fit.step(state);
  });
  state.step = 2;
  const long before = malloc_count();
  for (int i = 0; i < 12; ++i) fit.step(state);  // across the end of an epoch of 7 steps
  CHECK(malloc_count() - before == 0);

  set_recompute(backbone(state.model.net), true);
  fit.step(state);
  const long recomputing = malloc_count();
  for (int i = 0; i < 4; ++i) fit.step(state);
  CHECK(malloc_count() - recomputing == 0);

  mutate(state.model, Grow{}, {0}, Rng(1));  // the larger net needs more once
  fit.step(state);
  const long grown = malloc_count();
  for (int i = 0; i < 4; ++i) fit.step(state);
  CHECK(malloc_count() - grown == 0);
}

}  // namespace allocation_test

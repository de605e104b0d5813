#include "sseg/train/path_gap.hpp"

#include "small_run.hpp"
#include "support/catch.hpp"

namespace path_gap_test {

using namespace small_run;

namespace {

/// A run that routes and does not grow.
SmallRecipe routed(float positive_weight = 1, float negative_weight = 0) {
  SmallRecipe r = routed_recipe();
  r.growth.trigger.max_wait = 0;
  r.growth.trigger.patience = 1000;
  r.routing.config->positive_weight = positive_weight;
  r.routing.config->negative_weight = negative_weight;
  return r;
}
State after(Index steps, const SmallRecipe& r) {
  State s = start();
  FitConfig c = config;
  c.steps = steps;
  run_recipe(r, s, 2, c, {false});
  return s;
}

struct Bench {
  Cpu cpu{2};
  InstanceProbe probe{probe_images(), recipe().views.global, Rng(2)};
  std::optional<PathGap> gap(const State& s) { return measure_path_gap(cpu, probe, s); }
};

}  // namespace

TEST_CASE("The gap is the probe of the student minus that of its masked weights with the path's statistics") {
  Bench b;
  State s = after(14, routed());
  s.model.teacher.value.resize(s.model.teacher.value.size());  // all 0: nobody looks at it
  ParamStore<float> masked = s.model.student;
  const Masks& masks = s.routing->router.masks();
  for (Index i = 0; i < masked.value.size(); ++i)
    if (!masks.on(Path::positive, i)) masked.value[i] = 0;
  masked.state = s.routing->positive.store().state;

  const State before = s;
  const auto gap = b.gap(s);
  REQUIRE(gap.has_value());
  CHECK(gap->dense == b.probe.measure(b.cpu, s.model.net, s.model.student));
  CHECK(gap->positive == b.probe.measure(b.cpu, s.model.net, masked));
  CHECK(gap->gap() == gap->dense - gap->positive);
  CHECK(gap->dense > 0.1);
  CHECK(gap->positive > 0.05);  // chance, of 20 images
  // The state is only read.
  CHECK(same_bits(s, before));
  CHECK(s.routing->positive.store().value == before.routing->positive.store().value);
  CHECK(s.routing->positive.store().state == before.routing->positive.store().state);
}

TEST_CASE("A path that keeps everything has no gap but that of its statistics") {
  Bench b;
  SmallRecipe r = routed();
  r.routing.config->keep = 1;
  State s = after(14, r);
  const auto gap = b.gap(s);
  REQUIRE(gap.has_value());
  CHECK(gap->dense == b.probe.measure(b.cpu, s.model.net, s.model.student));
  s.routing->positive.store().state = s.model.student.state;
  CHECK(b.gap(s)->gap() == 0);
}

TEST_CASE("There is no gap before the masks are what they shall be, nor without a trained positive path") {
  Bench b;
  CHECK_FALSE(b.gap(start()).has_value());
  CHECK_FALSE(b.gap(after(6, recipe())).has_value());
  // Masks are made in steps 2, 5, 8 …; those of step 5 keep more than half.
  for (const Index steps : {1, 2, 3, 6, 8}) CHECK_FALSE(b.gap(after(steps, routed())).has_value());
  for (const Index steps : {9, 11}) CHECK(b.gap(after(steps, routed())).has_value());
  CHECK_FALSE(b.gap(after(14, routed(0, 1))).has_value());

  State grown = after(14, routed());
  mutate(grown.model, Widen{.factor = 1.5f, .max_channels = 16}, {0, 9}, Rng(1));
  grown.routing->align(grown.model.student, grown.step);
  CHECK_FALSE(b.gap(grown).has_value());  // the new weights have no score yet
}

}  // namespace path_gap_test

#include "sseg/train/loss_scaling.hpp"

#include <vector>

#include "support/catch.hpp"
#include "unit/train/small_run.hpp"

namespace loss_scaling_test {

using namespace small_run;

namespace {

/// The Cpu with a factor on the loss.
struct ScaledCpu : Cpu {
  explicit ScaledCpu(LossScale::Config c) : Cpu(1), scale(c) {}
  LossScale& loss_scale() { return scale; }
  LossScale scale;
};
static_assert(ScalesLoss<ScaledCpu> && !ScalesLoss<Cpu>);

struct Steps {
  Index steps = 0;
  void on_step(const StepInfo&) { ++steps; }
};

template <class B>
State run_on(B& backend) {
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  State state = start();
  Steps steps;
  make_fit(backend, train, probe, config, r, Rng(3), steps).run(state, stop);
  CHECK(steps.steps == config.steps);
  return state;
}

}  // namespace

TEST_CASE("Without overflow a factor on the loss changes no bit of a run") {
  Cpu cpu(1);
  ScaledCpu scaled({.first = 1024, .patience = 5});
  CHECK(same_bits(run_on(scaled), run_on(cpu)));
  CHECK(scaled.scale.value() == 1024 * 16);  // 24 steps, and trial forks have none
  CHECK(scaled.scale.skipped() == 0);
}

TEST_CASE("A step whose gradients overflow moves no weight, the scale halves, and training goes on") {
  ScaledCpu scaled({.first = 0x1p127f, .most = 0x1p127f, .patience = 1000});
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(scaled, train, probe, config, r, Rng(3));
  State state = start();
  const State before = state;
  const auto moved = [&] { return !(state.model.student.value == before.model.student.value); };
  fit.step(state);
  CHECK(scaled.scale.skipped() == 1);
  CHECK(scaled.scale.value() == 0x1p126f);
  CHECK(state.step == 1);
  CHECK_FALSE(moved());
  CHECK(state.model.teacher.value == before.model.teacher.value);
  CHECK(state.model.student.moment == before.model.student.moment);
  while (!moved() && state.step < 20) fit.step(state);
  CHECK(state.step == scaled.scale.skipped() + 1);
  for (const float w : state.model.student.value) CHECK(std::isfinite(w));
  for (const double s : state.sensitivity.values()) CHECK(std::isfinite(s));
}

TEST_CASE("Gradients that overflow at the least scale end a run") {
  ScaledCpu scaled({.first = 0x1p127f, .least = 0x1p127f, .most = 0x1p127f});
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(scaled, train, probe, config, r, Rng(3));
  State state = start();
  CHECK_THROWS_WITH(fit.step(state), Catch::Matchers::Contains("the scale of the loss is the least"));
}

TEST_CASE("A run that routes is refused where the loss is scaled") {
  ScaledCpu scaled({});
  const Images train = images();
  const SmallRecipe r = routed_recipe();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  CHECK_THROWS_WITH(make_fit(scaled, train, probe, config, r, Rng(3)),
                    Catch::Matchers::Contains("paths add gradients of their own"));
}

}  // namespace loss_scaling_test

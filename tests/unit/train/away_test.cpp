#include <algorithm>
#include <initializer_list>
#include <limits>
#include <string>

#include "small_run.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "sseg/optim/clip.hpp"
#include "sseg/train/recalibrate.hpp"
#include "support/away.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace away_test {

// A whole run on a backend whose arrays lie where the host cannot touch them, as a device's do.

using namespace small_run;

namespace {

template <class B>
void run_on(B& backend, const SmallRecipe& r, State& state, FitConfig c = config) {
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  make_fit(backend, train, probe, c, r, Rng(3)).run(state, stop);
}

}  // namespace

TEST_CASE("A run away from the host ends with the bits of one on it, through mutations and by every sensitivity") {
  for (const char* sensitivity : {"taylor", "gradient_norm", "keep_ratio"}) {
    INFO(sensitivity);
    Cpu cpu(2);
    Away<Cpu> away(2);
    State here = start(image, sensitivity), there = start(image, sensitivity);
    run_on(cpu, recipe(), here);
    run_on(away, recipe(), there);
    REQUIRE(there.history.size() >= 2);
    CHECK(there.model.student.value.on_host());
    CHECK(same_bits(here, there));
    CHECK(away.memory().use_count() == 2);  // the backend's own, and this one: the state has left it
  }
}

TEST_CASE("A step away from the host takes nothing there but pictures, and brings back nothing until somebody asks") {
  Away<Cpu> away(2);
  const Images train = images();
  const SmallRecipe r = recipe();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(away, train, probe, config, r, Rng(3));
  State state = start();
  fit.step(state);
  fit.step(state);
  const auto blocks = away.away().blocks();
  const std::size_t uploads = away.away().uploads, downloads = away.away().downloads;
  fit.step(state);
  CHECK(away.away().blocks() == blocks);
  CHECK(away.away().uploads - uploads == to_size(2 * config.batch * image.count()) * sizeof(float));
  CHECK(away.away().downloads == downloads);
  CHECK(state.loss.count == 1);  // of the first step, whose features were looked at
  const LossValue loss = fit.step(state);
  CHECK_FALSE(loss.here());
  CHECK(away.away().downloads == downloads);
  CHECK(loss > 0);
  CHECK(away.away().downloads - downloads == 3 * sizeof(double));  // of the other three
  CHECK_FALSE(state.model.student.value.on_host());
  fit.bring_home(state);
  CHECK(state.loss.count == 4);
  CHECK(state.model.student.value.on_host());
  CHECK(state.model.teacher.state.on_host());
}

namespace {
struct FailsAt {
  Index step;
  void on_step(const StepInfo& s) const {
    if (s.at.step == step) throw Error("enough", "FailsAt", "none");
  }
};
}  // namespace

namespace {
struct Losses {
  std::vector<double> all;
  void on_step(const StepInfo& s) { all.push_back(s.loss); }
};
}  // namespace

TEST_CASE("Losses that are read in every step away from the host are those on it") {
  Losses here, there;
  const Images train = images();
  const SmallRecipe r = recipe();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  State state = start(), other = start();
  Cpu cpu(1);
  Away<Cpu> away(1);
  make_fit(cpu, train, probe, config, r, Rng(3), here).run(state, stop);
  make_fit(away, train, probe, config, r, Rng(3), there).run(other, stop);
  CHECK(here.all.size() == 24);
  CHECK(here.all == there.all);
  CHECK(same_bits(state, other));
}

TEST_CASE("A run away from the host that fails leaves its state on the host") {
  Away<Cpu> away(1);
  const Images train = images();
  const SmallRecipe r = recipe();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  FailsAt fails{3};
  State state = start();
  auto fit = make_fit(away, train, probe, config, r, Rng(3), fails);
  const std::atomic<bool> stop{false};
  CHECK_THAT(sseg_test::message_of([&] { fit.run(state, stop); }), sseg_test::Contains("enough"));
  CHECK(state.step == 3);
  CHECK((state.model.student.value.on_host() && state.model.student.moment[0].on_host()));
  CHECK((state.model.teacher.value.on_host() && state.model.teacher.state.on_host()));
}

TEST_CASE("A run that routes away from the host ends with the bits of one on it, through mutations") {
  for (const char* sensitivity : {"taylor", "keep_ratio"})
    for (const char* unit : {"channel", "weight"}) {
      INFO(sensitivity << ", " << unit);
      SmallRecipe r = routed_recipe();
      r.routing.config->unit = unit;
      r.routing.config->negative_loss = std::string(unit) == "weight" ? "repel" : "shared";
      Cpu cpu(2);
      Away<Cpu> away(2);
      State here = start(image, sensitivity), there = start(image, sensitivity);
      run_on(cpu, r, here);
      run_on(away, r, there);
      REQUIRE(there.history.size() >= 2);
      REQUIRE((there.routing && here.routing));
      CHECK(same_bits(here, there));
      CHECK(here.routing->positive.store().state == there.routing->positive.store().state);
      CHECK(here.routing->negative.store().value == there.routing->negative.store().value);
      CHECK(here.routing->router.masks() == there.routing->router.masks());
    }
}

TEST_CASE("Every importance away from the host is the one on it") {
  for (const char* importance : {"gradient", "taylor", "taylor_gate", "magnitude", "snip", "random"}) {
    INFO(importance);
    SmallRecipe r = routed_recipe();
    r.routing.config->importance = importance;
    Cpu cpu(2);
    Away<Cpu> away(2);
    State here = start(), there = start();
    run_on(cpu, r, here);
    run_on(away, r, there);
    CHECK(same_bits(here, there));
    CHECK(std::ranges::equal(here.routing->importance.values(), there.routing->importance.values()));
    CHECK(here.routing->router.masks() == there.routing->router.masks());
  }
}

TEST_CASE("A routed step away from the host brings nothing over but for new masks") {
  Away<Cpu> away(1);
  const Images train = images();
  SmallRecipe r = routed_recipe();
  r.routing.config->negative_loss = "repel";
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(away, train, probe, config, r, Rng(3));
  State state = start();
  state.step = 1;
  for (int i = 0; i < 3; ++i) fit.step(state);  // masks are made at steps 2, 5, 8 …
  const std::size_t uploads = away.away().uploads, downloads = away.away().downloads;
  fit.step(state);
  CHECK(state.step == 5);
  CHECK(away.away().downloads == downloads);
  CHECK(away.away().uploads - uploads == to_size(2 * config.batch * image.count()) * sizeof(float));
  fit.step(state);
  CHECK(away.away().downloads - downloads == to_size(state.model.student.value.size()) * sizeof(float));
}

TEST_CASE("Clipping away from the host shortens the same gradients, counted or not") {
  Cpu cpu(1);
  Away<Cpu> away(1);
  State here = start(), there = start();
  for (State* s : {&here, &there})
    for (Index i = 0; i < s->model.student.grad.size(); ++i) s->model.student.grad[i] = static_cast<float>(i % 7) - 3.f;
  State uncounted = there;
  const ClipPerTensor clip{2.f};
  const Index clipped = clip(cpu, here.model.student);
  CHECK(clipped > 0);
  CHECK(clip.shorten(cpu, here.model.student) == 0);  // they are short now
  for (State* s : {&there, &uncounted}) s->model.student.move_to(away.memory());
  CHECK(clip(away, there.model.student) == clipped);
  CHECK(clip.shorten(away, uncounted.model.student) == -1);
  for (State* s : {&there, &uncounted}) {
    s->model.student.move_to(nullptr);
    CHECK(s->model.student.grad == here.model.student.grad);
  }
}

namespace {
/// A student that overflows.
State spoilt() {
  State s = start();
  s.model.student.value[0] = std::numeric_limits<float>::infinity();
  return s;
}
}  // namespace

TEST_CASE("A loss that is not finite is told where it is read, at the latest at the next look") {
  Away<Cpu> away(1);
  for (const bool watched : {true, false}) {  // a look for collapse, or at the probe
    SmallRecipe r = recipe();
    if (!watched) r.collapse.every = 0;
    State state = spoilt();
    CHECK_THAT(sseg_test::message_of([&] { run_on(away, r, state); }), sseg_test::Contains("the loss is not finite"));
    CHECK(state.step == (watched ? 0 : config.probe_every));
    CHECK(state.model.student.value.on_host());
  }
}

namespace {
/// The small run, widening by GradMax.
auto grad_max_recipe() {
  const SmallRecipe r = recipe();
  return make_recipe(r.views, r.objective, r.optimizer, r.rate, r.teacher,
                     Evolve<Plateau, WidenGradMax>{r.growth.trigger, {}});
}
/// Some steps, then a mutation.
template <class B>
State widened_on(B& backend, Index steps) {
  const auto r = grad_max_recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(backend, train, probe, config, r, Rng(3));
  State state = start();
  for (Index i = 0; i < steps; ++i) fit.step(state);
  CHECK(fit.mutate(state, 0));
  fit.bring_home(state);
  return state;
}
}  // namespace

TEST_CASE("GradMax finds the filters away from the host that it finds on it, but for rounding") {
  Cpu cpu(2);
  Away<Cpu> away(2);
  const State here = widened_on(cpu, 3), there = widened_on(away, 3);
  CHECK(here.model.net == there.model.net);
  const auto want = edit_of<WidenGradMax>(here.history.back().edit),
             got = edit_of<WidenGradMax>(there.history.back().edit);
  CHECK(got.stage == want.stage);
  REQUIRE(got.filters.size() == want.filters.size());
  REQUIRE(got.filters.size() >= 9);
  for (std::size_t i = 0; i < want.filters.size(); ++i) CHECK(got.filters[i] == Approx(want.filters[i]).margin(1e-3));
  CHECK(away.away().blocks() == 0);
}

TEST_CASE("A whole run grows by GradMax away from the host") {
  Away<Cpu> away(2);
  State state = start();
  const auto r = grad_max_recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  make_fit(away, train, probe, config, r, Rng(3)).run(state, stop);
  CHECK(state.history.size() >= 2);
  for (const float w : state.model.student.value) REQUIRE(std::isfinite(w));
}

namespace {
/// Trains `states` on one backend, a step of each by turns.
template <class B>
void take_turns(B& backend, std::vector<State>& states, std::vector<std::vector<double>>* losses) {
  const Images train = images();
  const SmallRecipe r = recipe();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto first = make_fit(backend, train, probe, config, r, Rng(3)),
       second = make_fit(backend, train, probe, config, r, Rng(4));
  for (int i = 0; i < 6; ++i) {
    const LossValue a = first.step(states[0]);
    const LossValue b = second.step(states[1]);
    if (losses != nullptr && i % 2 == 0) {  // read late, the older one last
      (*losses)[1].push_back(b);
      (*losses)[0].push_back(a);
    }
  }
  first.bring_home(states[0]);
  second.bring_home(states[1]);
}
}  // namespace

TEST_CASE("Two trainings that take turns on one backend away from the host keep their own losses and sensitivities") {
  for (const bool reads : {false, true}) {
    Cpu cpu(1);
    Away<Cpu> away(1);
    std::vector<State> here{start(), start()}, there = here;
    std::vector<std::vector<double>> want(2), got(2);
    take_turns(cpu, here, reads ? &want : nullptr);
    take_turns(away, there, reads ? &got : nullptr);
    for (std::size_t i = 0; i < 2; ++i) CHECK(same_bits(here[i], there[i]));
    CHECK_FALSE(same_bits(here[0], here[1]));
    CHECK(got == want);
  }
}

TEST_CASE("Statistics are recalibrated away from the host as on it, and the store comes back") {
  Cpu cpu(1);
  Away<Cpu> away(1);
  const Images train = images();
  const auto next = [&](Index) { return View<const float>{train.pixels.data(), {8, 16, 16, 1}}; };
  State here = start(), there = start();
  recalibrate(cpu, backbone(here.model.net), here.model.student, 2, next);
  recalibrate(away, backbone(there.model.net), there.model.student, 2, next);
  CHECK(there.model.student.state.on_host());
  CHECK(here.model.student.state == there.model.student.state);
  CHECK_FALSE(here.model.student.state == start().model.student.state);
}

}  // namespace away_test

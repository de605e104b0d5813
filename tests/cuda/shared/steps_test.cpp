#include "cuda/support/on_device.hpp"
#include "unit/train/small_run.hpp"

using namespace small_run;

TEST_CASE("Steps on the device take no more memory after the first two") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache(), .threads = 1});
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(cuda, train, probe, config, r, Rng(3));
  State state = start();
  fit.step(state);
  fit.step(state);
  const auto before = cuda.device().pool()->allocations();
  for (int i = 0; i < 4; ++i) fit.step(state);
  CHECK(cuda.device().pool()->allocations() == before);
  fit.bring_home(state);
}

TEST_CASE("A run that routes on the device has the Cpu's losses but for rounding") {
  SSEG_ON_DEVICE();
  struct Losses {
    std::vector<double> all;
    void on_step(const StepInfo& s) { all.push_back(s.loss); }
  };
  const auto run_on = [](auto& backend) {
    const SmallRecipe r = routed_recipe();
    const Images train = images();
    const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
    const std::atomic<bool> stop{false};
    FitConfig c = config;
    c.steps = 10;  // masks are made twice
    State state = start();
    Losses losses;
    make_fit(backend, train, probe, c, r, Rng(3), losses).run(state, stop);
    CHECK(state.routing->router.units_kept() < state.routing->router.units());
    return losses.all;
  };
  Cuda cuda({.cache = cuda_test::kernel_cache(), .threads = 1});
  Cpu cpu(1);
  const auto there = run_on(cuda), here = run_on(cpu);
  REQUIRE(there.size() == here.size());
  for (std::size_t i = 0; i < here.size(); ++i) CHECK(there[i] == Approx(here[i]).epsilon(0.02));
}

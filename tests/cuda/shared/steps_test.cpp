#include "cuda/support/on_device.hpp"
#include "unit/train/small_run.hpp"

namespace steps_test {

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

namespace {

/// What the pool holds after each mutation beside what is in use, and what it had held before.
struct PoolWatch {
  const cuda::DevicePool& pool;
  std::vector<std::size_t> idle{};
  std::size_t most = 0;
  void on_step(const StepInfo&) { most = std::max(most, pool.bytes_held()); }
  template <class Record>
  void on_mutation(const Record&) {
    idle.push_back(pool.bytes_held() - pool.bytes_in_use());
  }
};

}  // namespace

TEST_CASE("After a mutation nothing is held that the smaller net was given") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache(), .threads = 1});
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  PoolWatch watch{*cuda.device().pool()};
  State state = start();
  const std::atomic<bool> stop{false};
  make_fit(cuda, train, probe, config, r, Rng(3), watch).run(state, stop);
  REQUIRE(watch.idle.size() >= 2);
  for (const std::size_t idle : watch.idle) CHECK(idle == 0);
}

namespace {

struct Losses {
  std::vector<double> all;
  void on_step(const StepInfo& s) { all.push_back(s.loss); }
};

template <class B>
std::vector<double> losses_on(B& backend, const SmallRecipe& r, Index steps, State& state) {
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  FitConfig c = config;
  c.steps = steps;
  Losses losses;
  make_fit(backend, train, probe, c, r, Rng(3), losses).run(state, stop);
  return losses.all;
}

/// The device's losses are the Cpu's within `share`; returns the device's state.
template <class B>
State trains_like_the_cpu(B& cuda, const SmallRecipe& r, Index steps, double share) {
  Cpu cpu(1);
  State there = start(), here = start();
  const auto got = losses_on(cuda, r, steps, there), want = losses_on(cpu, r, steps, here);
  REQUIRE(got.size() == want.size());
  for (std::size_t i = 0; i < want.size(); ++i) CHECK(got[i] == Approx(want[i]).epsilon(share));
  return there;
}

}  // namespace

TEST_CASE("A run that routes on the device has the Cpu's losses but for rounding") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache(), .threads = 1});
  const State state = trains_like_the_cpu(cuda, routed_recipe(), 10, 0.02);  // masks are made twice
  CHECK(state.routing->router.units_kept() < state.routing->router.units());
}

TEST_CASE("A run whose convolutions have factors of 16 bits has about the Cpu's losses") {
  SSEG_ON_DEVICE();
  BasicCuda<cuda::Storage::bf16> bf16({.cache = cuda_test::kernel_cache(), .threads = 1});
  trains_like_the_cpu(bf16, recipe(), 6, 0.05);
  BasicCuda<cuda::Storage::f16> f16({.cache = cuda_test::kernel_cache(), .threads = 1});
  trains_like_the_cpu(f16, recipe(), 6, 0.02);
}

}  // namespace steps_test

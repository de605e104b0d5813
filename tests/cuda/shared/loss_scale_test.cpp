// f16 with one factor on the loss for all gradients.
#include <cmath>
#include <vector>

#include "cuda/support/on_device.hpp"
#include "unit/train/small_run.hpp"

namespace loss_scale_test {

using namespace small_run;

namespace {

using ScaledCuda = BasicCuda<cuda::Storage::f16, cuda::GradientScaling::whole_loss>;
static_assert(ScalesLoss<ScaledCuda> && !ScalesLoss<BasicCuda<cuda::Storage::f16>> && !ScalesLoss<Cuda>);

struct Losses {
  std::vector<double> all{};
  void on_step(const StepInfo& s) { all.push_back(s.loss); }
};

/// Steps of the small run without growth, and their losses.
template <class B>
std::vector<double> losses_on(B& backend, State& state, Index steps) {
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  Losses losses;
  auto fit = make_fit(backend, train, probe, config, r, Rng(3), losses);
  for (Index i = 0; i < steps; ++i) fit.step(state);
  fit.bring_home(state);
  return losses.all;
}

}  // namespace

TEST_CASE("f16 with a loss scale trains like the Cpu, on float weights") {
  SSEG_ON_DEVICE();
  ScaledCuda f16({.cache = cuda_test::kernel_cache(), .threads = 1});
  CHECK(f16.arithmetic().find(", f16, TF32, loss scale") != std::string::npos);
  f16.loss_scale() = LossScale({.first = 1024, .patience = 2});
  Cpu cpu(1);
  State there = start(), here = start();
  const auto got = losses_on(f16, there, 5), want = losses_on(cpu, here, 5);
  for (std::size_t i = 0; i < want.size(); ++i) CHECK(got[i] == Approx(want[i]).epsilon(0.02));
  CHECK(f16.loss_scale().skipped() == 0);
  CHECK(f16.loss_scale().value() == 4096);
  Index finer = 0;  // than f16 can tell: master weights are float
  for (const float w : there.model.student.value) finer += std::bit_cast<std::uint32_t>(w) % (1u << 13) != 0 ? 1 : 0;
  CHECK(finer > there.model.student.value.size() / 2);
}

TEST_CASE("A step of f16 whose gradients overflow is skipped, the scale halves, and grows back") {
  SSEG_ON_DEVICE();
  ScaledCuda f16({.cache = cuda_test::kernel_cache(), .threads = 1});
  f16.loss_scale() = LossScale({.first = 0x1p40f, .most = 0x1p40f, .patience = 2});
  State state = start();
  const State before = state;
  losses_on(f16, state, 1);
  CHECK(f16.loss_scale().skipped() == 1);
  CHECK(f16.loss_scale().value() == 0x1p39f);
  CHECK(state.model.student.value == before.model.student.value);
  CHECK(state.model.teacher.value == before.model.teacher.value);
  Index taken = 0;
  while (taken < 2 && state.step < 40) {
    const Index skipped = f16.loss_scale().skipped();
    losses_on(f16, state, 1);
    taken += f16.loss_scale().skipped() == skipped ? 1 : 0;
  }
  REQUIRE(taken == 2);
  CHECK(f16.loss_scale().value() ==
        std::ldexp(0x1p40f, 1 - static_cast<int>(f16.loss_scale().skipped())));  // doubled once
  CHECK_FALSE(state.model.student.value == before.model.student.value);
  for (const float w : state.model.student.value) CHECK(std::isfinite(w));
}

}  // namespace loss_scale_test

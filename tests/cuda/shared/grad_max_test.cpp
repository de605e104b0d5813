// GradMax on the device, at every precision: the filters of the Cpu but for rounding, and whole runs that grow by it.
#include <cmath>
#include <vector>

#include "cuda/support/on_device.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "unit/train/small_run.hpp"

namespace grad_max_test {

using namespace small_run;

namespace {

auto widening_recipe() {
  const SmallRecipe r = recipe();
  return make_recipe(r.views, r.objective, r.optimizer, r.rate, r.teacher,
                     Evolve<Plateau, WidenGradMax>{r.growth.trigger, {}});
}

/// The edit of the run's first mutation, made at once.
template <class B>
WidenGradMax::Edit first_edit(B& backend) {
  const auto r = widening_recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(backend, train, probe, config, r, Rng(3));
  State state = start();
  REQUIRE(fit.mutate(state, 0));
  fit.bring_home(state);
  return edit_of<WidenGradMax>(state.history.back().edit);
}

/// The smallest cosine between filters of both, one by one.
double alike(const WidenGradMax::Edit& a, const WidenGradMax::Edit& b) {
  REQUIRE((a.stage == b.stage && a.channels == b.channels && a.filters.size() == b.filters.size()));
  const std::size_t count = to_size(b.channels) - 6, size = b.filters.size() / count;
  double least = 1;
  for (std::size_t f = 0; f < count; ++f) {
    double aa = 0, bb = 0, ab = 0;
    for (std::size_t p = 0; p < size; ++p) {
      const double u = static_cast<double>(a.filters[p * count + f]), v = static_cast<double>(b.filters[p * count + f]);
      aa += u * u, bb += v * v, ab += u * v;
    }
    least = std::min(least, std::abs(ab) / std::sqrt(aa * bb));
  }
  return least;
}

template <class B>
void grows_like_the_cpu(B& backend, double cosine) {
  Cpu cpu(1);
  CHECK(alike(first_edit(backend), first_edit(cpu)) > cosine);
  const auto r = widening_recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  State state = start();
  make_fit(backend, train, probe, config, r, Rng(3)).run(state, stop);
  CHECK(state.history.size() >= 2);
  for (const float w : state.model.student.value) REQUIRE(std::isfinite(w));
}

CudaOptions options(bool tf32 = false) { return {.tf32 = tf32, .cache = cuda_test::kernel_cache(), .threads = 1}; }

}  // namespace

TEST_CASE("GradMax on the device finds the Cpu's filters but for rounding, in float and TF32") {
  SSEG_ON_DEVICE();
  Cuda exact(options()), tf32(options(true));
  grows_like_the_cpu(exact, 0.999);
  grows_like_the_cpu(tf32, 0.9);
}

TEST_CASE("GradMax on the device grows nets in 16 bits, in those of f16 by the Cpu's filters but for rounding") {
  SSEG_ON_DEVICE();
  BasicCuda<cuda::Storage::bf16> bf16(options());
  grows_like_the_cpu(bf16, 0);  // 8 bits of mantissa do not tell singular directions of like values apart
  BasicCuda<cuda::Storage::f16, cuda::GradientScaling::whole_loss> scaled(options());
  scaled.loss_scale() = LossScale({.first = 0x1p40f, .most = 0x1p40f});  // until it does not overflow
  grows_like_the_cpu(scaled, 0.9);
}

}  // namespace grad_max_test

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

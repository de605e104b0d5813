// The order in which a block's threads, and a grid's blocks, happen to run must not matter.
#include "cuda/support/backwards_block.hpp"
#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"
#include "unit/train/small_run.hpp"

namespace order_test {

using namespace small_run;

namespace {

State trained_on_cuda() {
  Cuda cuda({.cache = cuda_test::kernel_cache(), .threads = 1});
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  State state = start();
  make_fit(cuda, train, probe, config, r, Rng(3)).run(state, stop);
  return state;
}

}  // namespace

TEST_CASE("A run's bits do not depend on the order of threads and blocks") {
  cuda_test::start_double();
  const State forwards = trained_on_cuda();
  CHECK(cuda_test::double_faults().empty());
  cuda_test::start_double();
  cuda_test::register_backwards_kernels();
  const State backwards = trained_on_cuda();
  CHECK(cuda_test::double_faults().empty());
  CHECK(same_bits(forwards, backwards));
}

}  // namespace order_test

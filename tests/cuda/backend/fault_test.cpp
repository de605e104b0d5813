// Every call that can fail fails once, in its turn: a clear error or the same result, nothing left behind, and what was
// saved before can still be read.
#include <map>
#include <string>

#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"
#include "unit/train/small_run.hpp"

namespace fault_test {

using namespace small_run;

namespace {

const Shape tiny{8, 8, 1};

SmallRecipe tiny_recipe() {
  SmallRecipe r = recipe();
  r.growth.trigger = Plateau{.patience = 1, .min_gain = 0.9, .max_wait = 1, .first = 0};
  return r;
}

State tiny_start() {
  const auto cnn = SeedNetwork{.initial_channels = 2, .num_blocks = 1}.build(tiny);
  return start_training<float>(Net{{cnn, {{projection_head(feature_count(cnn, tiny), 4, 3)}, {true}}}}, AdamW::moments,
                               Rng(1), "taylor");
}

/// A backend's whole life: two steps, a mutation between them, the weights brought home; or as many as `config` says,
/// of a net that stays as it is.
State life_of(const SmallRecipe& r, FitConfig config, cuda::GraphUse graph) {
  const Images train = SyntheticShapes{.seed = 4, .count = 6, .side = 8}.images();
  const InstanceProbe probe(SyntheticShapes{.seed = 5, .count = 4, .side = 8}.images(), r.views.global, Rng(2));
  State state = tiny_start();
  Cuda cuda({.cache = cuda_test::kernel_cache(), .graph = graph, .say = nullptr, .threads = 1});
  const std::atomic<bool> stop{false};
  make_fit(cuda, train, probe, config, r, Rng(3)).run(state, stop);
  return state;
}

State life() {
  return life_of(tiny_recipe(), {.steps = 2, .batch = 2, .probe_every = 1, .recalibrate_steps = 1},
                 cuda::GraphUse::automatic);
}
/// Long enough to be captured.
State long_life(cuda::GraphUse graph) {
  SmallRecipe r = tiny_recipe();
  r.growth.trigger.patience = 100, r.growth.trigger.max_wait = 100;
  return life_of(r, {.steps = 4, .batch = 2, .probe_every = 4, .recalibrate_steps = 1}, graph);
}

void speaks_clearly(const Error& e) {
  INFO(e.what());
  const std::string what = e.what_happened();
  CHECK((what.find("CUDA: ") == 0 || what.find("cuDNN") == 0 || what.find("cuBLAS: ") == 0 ||
         what.find("there is no CUDA device") == 0));
  CHECK_FALSE(e.where().empty());
  CHECK_FALSE(e.cure().empty());
}

}  // namespace

TEST_CASE("Every call of a backend's life fails once, and leaves an error that says so and nothing else") {
  cuda_test::start_double();
  const State whole = life();
  REQUIRE(whole.history.size() == 1);
  const std::int64_t calls = cuda_double::calls().count();
  CHECK(cuda_test::double_faults().empty());
  std::map<std::string, int> errors, survived;
  for (std::int64_t n = 1; n <= calls; ++n) {
    cuda_test::start_double();
    cuda_double::calls().fail_any(n);
    try {
      const State state = life();
      ++survived[cuda_double::calls().last_failed()];
      CHECK(same_bits(state, whole));
    } catch (const Error& e) {
      ++errors[cuda_double::calls().last_failed()];
      speaks_clearly(e);
    }
    INFO("call " << n << " of " << calls << ": " << cuda_double::calls().last_failed());
    REQUIRE(cuda_double::calls().failed() == 1);
    const std::vector<std::string> faults = cuda_test::double_faults();
    INFO((faults.empty() ? "" : faults.front()));
    REQUIRE(faults.empty());
  }
  for (const char* const function : {"cudaMalloc", "cudaLaunchKernel", "cudaMemcpyAsync", "cudaMemsetAsync",
                                     "cudaStreamSynchronize", "cudnnBackendExecute", "cublasGemmEx"})
    CHECK(errors[function] > 0);
}

TEST_CASE("Every call of a capture fails once: the run goes on without to the same bits, or says what failed") {
  cuda_test::start_double();
  const State whole = long_life(cuda::GraphUse::off);
  cuda_test::start_double();
  CHECK(same_bits(long_life(cuda::GraphUse::on), whole));
  const std::int64_t first = cuda_double::calls().first("cudaStreamBeginCapture"),
                     last = cuda_double::calls().first("cudaGraphLaunch");
  REQUIRE(cuda_double::calls().count("cudaStreamBeginCapture") == 1);
  REQUIRE(last > first + 50);
  CHECK(cuda_test::double_faults().empty());
  std::map<std::string, int> failed;
  for (std::int64_t n = first; n <= last; ++n)
    for (const auto graph : {cuda::GraphUse::automatic, cuda::GraphUse::on}) {
      cuda_test::start_double();
      cuda_double::calls().fail_any(n);
      bool survived = true;
      try {
        const State state = long_life(graph);
        CHECK(same_bits(state, whole));
      } catch (const Error& e) {
        survived = false;
        speaks_clearly(e);
      }
      INFO("call " << n << " of " << last << ": " << cuda_double::calls().last_failed());
      CHECK(survived == (graph == cuda::GraphUse::automatic && n < last));
      ++failed[cuda_double::calls().last_failed()];
      const std::vector<std::string> faults = cuda_test::double_faults();
      INFO((faults.empty() ? "" : faults.front()));
      REQUIRE(faults.empty());
    }
  for (const char* const function : {"cudaLaunchKernel", "cudaMemsetAsync", "cudnnBackendExecute", "cublasGemmEx",
                                     "cudaStreamEndCapture", "cudaGraphInstantiate", "cudaGraphLaunch"})
    CHECK(failed[function] > 0);
}

}  // namespace fault_test

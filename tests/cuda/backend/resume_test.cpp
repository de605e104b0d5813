// A device fails in the middle of a run: what was saved before goes on to the end that the whole run had.
#include <filesystem>

#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"
#include "sseg/train/checkpoint.hpp"
#include "unit/train/small_run.hpp"

namespace resume_test {

using namespace small_run;

namespace {

struct Saver {
  std::filesystem::path path;
  void on_state(const State& s) const { save_checkpoint(path, s, image, Json::object()); }
};

void run_on_cuda(State& state, const Saver& saver) {
  Cuda cuda({.cache = cuda_test::kernel_cache(), .threads = 1});
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  make_fit(cuda, train, probe, config, r, Rng(3), saver).run(state, stop);
}

}  // namespace

TEST_CASE("After a device has failed, the last checkpoint goes on to the same end") {
  const Saver saver{std::filesystem::temp_directory_path() / "sseg_test_cuda_resume.safetensors"};
  cuda_test::start_double();
  State whole = start();
  run_on_cuda(whole, saver);
  const std::int64_t launches = cuda_double::calls().count("cudaLaunchKernel");
  CHECK(cuda_test::double_faults().empty());

  cuda_test::start_double();
  cuda_double::calls().fail("cudaLaunchKernel", launches * 3 / 5);
  State broken = start();
  CHECK_THROWS_WITH(run_on_cuda(broken, saver), Catch::Matchers::Contains("cudaErrorLaunchOutOfResources"));
  const Index reached = broken.step;
  broken = start();  // what lay on the device
  CHECK(cuda_test::double_faults().empty());

  auto saved = load_checkpoint<Net>(saver.path);
  CHECK(saved.state.step > 0);
  CHECK(saved.state.step <= reached);
  cuda_test::start_double();
  run_on_cuda(saved.state, saver);
  CHECK(same_bits(saved.state, whole));
  CHECK(cuda_test::double_faults().empty());
  std::filesystem::remove(saver.path);
}

}  // namespace resume_test

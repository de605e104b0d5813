#include <cmath>
#include <vector>

#include "cuda/support/on_device.hpp"
#include "cuda/support/small_fit.hpp"
#include "unit/train/small_run.hpp"

namespace run_test {

using namespace small_run;
using cuda_test::Listener;
using cuda_test::run_on;

namespace {

double farthest(const Buffer<float>& a, const Buffer<float>& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (Index i = 0; i < a.size(); ++i)
    worst = std::max(worst, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return worst;
}

}  // namespace

TEST_CASE("A whole run with mutations on Cuda grows the same net as on the Cpu, with the same metrics") {
  SSEG_ON_DEVICE();
  State here = start(), there = start();
  Cpu cpu(1);
  const Listener want = run_on(cpu, here);
  Listener got;
  {
    Cuda cuda({.cache = cuda_test::kernel_cache(), .threads = 1});
    got = run_on(cuda, there);
  }
  REQUIRE(here.history.size() >= 2);
  CHECK(there.model.net == here.model.net);
  REQUIRE(there.history.size() == here.history.size());
  for (std::size_t i = 0; i < here.history.size(); ++i) {
    CHECK(there.history[i].kind == here.history[i].kind);
    CHECK(there.history[i].place == here.history[i].place);
    CHECK(there.history[i].net_after == here.history[i].net_after);
  }
  REQUIRE(got.losses.size() == want.losses.size());
  for (std::size_t i = 0; i < want.losses.size(); ++i) {
    INFO("step " << i + 1);
    CHECK(got.losses[i] == Approx(want.losses[i]).epsilon(1e-3));
  }
  REQUIRE(got.probes.size() == want.probes.size());
  for (std::size_t i = 0; i < want.probes.size(); ++i) CHECK(got.probes[i] == Approx(want.probes[i]).margin(0.051));
  CHECK(farthest(here.model.student.value, there.model.student.value) < 0.02);
  CHECK(farthest(here.model.teacher.value, there.model.teacher.value) < 0.02);
}

TEST_CASE("Two runs on Cuda end with the same bits") {
  SSEG_ON_DEVICE();
  State first = start(), second = start();
  for (State* const state : {&first, &second}) {
    Cuda cuda({.cache = cuda_test::kernel_cache(), .threads = 1});
    run_on(cuda, *state);
  }
  CHECK(same_bits(first, second));
}

}  // namespace run_test

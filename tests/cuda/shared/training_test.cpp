#include <cmath>

#include "cuda/support/on_device.hpp"
#include "unit/train/small_run.hpp"

// Whole runs on the device, with probes, growth and a teacher, beside the same on the Cpu.

using namespace small_run;

namespace {

struct Losses {
  std::vector<double> all, probes;
  void on_step(const StepInfo& s) { all.push_back(s.loss); }
  void on_probe(const ProbeInfo& p) { probes.push_back(p.probe); }
};

template <class B>
State run_on(B& backend, Losses& losses, FitConfig c = config) {
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  State state = start();
  make_fit(backend, train, probe, c, r, Rng(3), losses).run(state, stop);
  return state;
}

double farthest(const Buffer<float>& a, const Buffer<float>& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (Index i = 0; i < a.size(); ++i) worst = std::max(worst, static_cast<double>(std::abs(a[i] - b[i])));
  return worst;
}

}  // namespace

TEST_CASE("A run on the device grows as on the Cpu, and its losses are the Cpu's but for rounding") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache(), .threads = 2});
  Cpu cpu(2);
  Losses on_device, on_cpu;
  const State there = run_on(cuda, on_device), here = run_on(cpu, on_cpu);
  CHECK(there.model.student.value.on_host());
  REQUIRE(there.history.size() >= 2);
  REQUIRE(there.history.size() == here.history.size());
  CHECK(there.history[0].kind == "grow");
  for (std::size_t i = 0; i < here.history.size(); ++i) {
    CHECK(there.history[i].place == here.history[i].place);
    CHECK(there.history[i].net_after == here.history[i].net_after);
  }
  CHECK(there.model.net == here.model.net);
  REQUIRE(on_device.all.size() == on_cpu.all.size());
  CHECK(on_device.all[0] == Approx(on_cpu.all[0]).epsilon(1e-5));
  for (std::size_t i = 0; i < on_cpu.all.size(); ++i)  // roundings grow from step to step
    CHECK(on_device.all[i] == Approx(on_cpu.all[i]).epsilon(0.02));
  REQUIRE(on_device.probes.size() == on_cpu.probes.size());
  for (std::size_t i = 0; i < on_cpu.probes.size(); ++i)  // one of the 20 pictures may be found or not
    CHECK(on_device.probes[i] == Approx(on_cpu.probes[i]).margin(0.051));
  CHECK(farthest(there.model.teacher.value, here.model.teacher.value) < 0.02);
}

TEST_CASE("A run on the device gives the same bits twice") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache(), .threads = 1});
  Losses once, again;
  const State a = run_on(cuda, once), b = run_on(cuda, again);
  CHECK(once.all == again.all);
  CHECK(same_bits(a, b));
}

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

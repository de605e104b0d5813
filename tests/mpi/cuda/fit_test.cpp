// Whole runs on k ranks with a card each, through probes and mutations: sent by NCCL, or over the host by MPI.
#include <algorithm>
#include <cmath>
#include <vector>

#include "mpi/cuda/on_double.hpp"
#include "sseg/dist/across.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "unit/train/small_run.hpp"

namespace fit_test {

using namespace small_run;

namespace {

constexpr FitConfig shared{.steps = 12, .batch = 24, .probe_every = 4, .recalibrate_steps = 2};

/// Small steps: rounding grows from step to step, and this must stay a comparison.
SmallRecipe calm(SmallRecipe r) {
  r.rate.inner.peak = 0.001f;
  return r;
}

struct Losses {
  std::vector<double> all{};
  void on_step(const StepInfo& s) { all.push_back(s.loss); }
};

template <class B, class R>
State run_on(B& backend, const R& r, Losses& losses) {
  const std::atomic<bool> stop{false};
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  State state = start();
  make_fit(backend, train, probe, shared, r, Rng(3), losses).run(state, stop);
  return state;
}
State by_nccl(const SmallRecipe& r, bool statistics, Index bucket, Losses& losses) {
  OnDouble place;
  Across across(*place.cuda, *place.nccl, statistics, bucket);
  return run_on(across, r, losses);
}
State by_mpi(const SmallRecipe& r, bool statistics, Index bucket, Losses& losses) {
  OnDouble place(60, false, cuda::GraphUse::off);
  Across across(*place.cuda, ranks(), statistics, bucket);
  return run_on(across, r, losses);
}
State on_cpu(const SmallRecipe& r, bool statistics, Losses& losses) {
  Cpu cpu(1);
  Across across(cpu, ranks(), statistics);
  return run_on(across, r, losses);
}

double furthest(const Buffer<float>& a, const Buffer<float>& b) {
  if (a.size() != b.size()) return 1e9;
  double worst = 0;
  for (Index i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(a[i] - b[i])));
  return worst;
}

}  // namespace

TEST_CASE("Ranks on cards train as ranks on processors, through mutations, and to the bits by NCCL and over the host") {
  for (const bool statistics : {true, false}) {
    INFO((statistics ? "norms of the whole batch" : "norms of each part"));
    const SmallRecipe r = calm(recipe());
    Losses nccl, mpi, cpu;
    const State got = by_nccl(r, statistics, Across<Cuda, Nccl<Mpi>>::usual_bucket, nccl),
                staged = by_mpi(r, statistics, 300, mpi), want = on_cpu(r, statistics, cpu);
    REQUIRE(want.history.size() >= 1);
    CHECK(same_bits(got, staged));
    CHECK(nccl.all == mpi.all);
    Losses at_once;
    CHECK(same_bits(by_mpi(r, statistics, 0, at_once), staged));
    REQUIRE(got.model.net == want.model.net);
    REQUIRE(nccl.all.size() == cpu.all.size());
    for (std::size_t i = 0; i < cpu.all.size(); ++i) CHECK(nccl.all[i] == Approx(cpu.all[i]).epsilon(2e-3));
    CHECK(furthest(got.model.student.value, want.model.student.value) < 5e-3);
    CHECK(furthest(got.model.teacher.value, want.model.teacher.value) < 5e-3);
    CHECK(furthest(got.model.student.state, want.model.student.state) < 5e-3);
  }
}

TEST_CASE("Ranks on cards widen by GradMax, all in the same way, and where ranks on processors do") {
  const SmallRecipe small = calm(recipe());
  const auto r = make_recipe(small.views, small.objective, small.optimizer, small.rate, small.teacher,
                             Evolve<Plateau, WidenGradMax>{small.growth.trigger, {}});
  OnDouble place;
  Across cards(*place.cuda, *place.nccl, true);
  Cpu cpu(1);
  Across processors(cpu, ranks(), true);
  Losses losses;
  const State got = run_on(cards, r, losses),
              want = run_on(processors, r, losses);  // a run compares the ranks' weights
  REQUIRE(got.history.size() >= 1);
  CHECK(got.history.front().kind == "widen_grad_max");
  CHECK(got.history.front().place == want.history.front().place);
  CHECK(got.model.net == want.model.net);
}

TEST_CASE("On cards too, buckets of any size come to the same bits, and so does a run that is repeated") {
  const SmallRecipe r = recipe();
  Losses losses;
  const State want = by_nccl(r, true, 0, losses);
  for (const Index bucket : {Index{300}, Index{300}, Index{1} << 30}) {
    Losses again;
    CHECK(same_bits(by_nccl(r, true, bucket, again), want));
    CHECK(again.all == losses.all);
  }
}

TEST_CASE("Ranks on cards route as ranks on processors") {
  const SmallRecipe r = calm(routed_recipe());
  Losses nccl, cpu;
  const State got = by_nccl(r, true, 300, nccl), want = on_cpu(r, true, cpu);
  REQUIRE(got.routing.has_value());
  REQUIRE(nccl.all.size() == cpu.all.size());
  for (std::size_t i = 0; i < 6; ++i) CHECK(nccl.all[i] == Approx(cpu.all[i]).epsilon(2e-3));  // then masks may differ
}

TEST_CASE("Steps of ranks on cards take no more memory after the first two") {
  OnDouble place;
  Across across(*place.cuda, *place.nccl, true, 300);
  const SmallRecipe r = recipe();
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto fit = make_fit(across, train, probe, shared, r, Rng(3));
  State state = start();
  fit.step(state);
  fit.step(state);
  const auto before = place.cuda->device().pool()->allocations();
  for (int i = 0; i < 3; ++i) fit.step(state);
  CHECK(place.cuda->device().pool()->allocations() == before);
  fit.bring_home(state);
}

}  // namespace fit_test

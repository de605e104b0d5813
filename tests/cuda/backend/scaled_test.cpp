// A loss scale that lives on the device: the bits of one that the host keeps up, steps that wait for nothing, as
// graphs.
#include <concepts>
#include <string_view>
#include <vector>

#include "cuda/support/on_device.hpp"
#include "cuda/support/waits.hpp"
#include "sseg/dist/across.hpp"
#include "sseg/dist/alone.hpp"
#include "sseg/optim/clip.hpp"
#include "sseg/optim/sgd.hpp"

namespace scaled_test {

using namespace small_run;
using cuda::GraphUse;

namespace {

using ScaledCuda = BasicCuda<cuda::Storage::f16, cuda::GradientScaling::whole_loss>;
static_assert(ScalesLossAway<ScaledCuda> && GathersWork<ScaledCuda>);
static_assert(!ScalesLossAway<BasicCuda<cuda::Storage::f16>>);

CudaOptions options(GraphUse graph = GraphUse::on) {
  return {.cache = cuda_test::kernel_cache(), .graph = graph, .threads = 1};
}

/// The same device with a scale on the host, which looks at every step's gradients. Maps of type M.
template <class M = MapOf<ScaledCuda>>
class HostScaled {
 public:
  static constexpr std::string_view name = "host scaled";
  using Scalar = float;
  using Map = M;
  using Space = DeviceSpace;

  explicit HostScaled(ScaledCuda& inner) : inner_(inner) {}
  Threads& threads() { return inner_.threads(); }
  std::shared_ptr<Memory> memory() const { return inner_.memory(); }
  LossScale& loss_scale() { return scale_; }
  template <class Op>
  requires Serves<ScaledCuda, Op>
  bool can(const Op& op) { return inner_.can(op); }
  template <class Op>
  requires Serves<ScaledCuda, Op>
  void run(const Op& op) { inner_.run(op); }

 private:
  ScaledCuda& inner_;
  LossScale scale_;
};
static_assert(ScalesLoss<HostScaled<>> && !ScalesLossAway<HostScaled<>>);

/// Overflows at the beginning, and again when it has grown.
const LossScale::Config lively{.first = 0x1p40f, .most = 0x1p40f, .patience = 3};

template <class B, class R>
State train(B& backend, const R& r, const char* sensitivity, Index steps = config.steps) {
  backend.loss_scale() = LossScale(lively);
  State state = start(image, sensitivity);
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  FitConfig c = config;
  c.steps = steps;
  make_fit(backend, train, probe, c, r, Rng(3)).run(state, stop);
  return state;
}

std::vector<Index> ages(const State& s) {
  std::vector<Index> all;
  for (const auto& e : s.model.student.entries) all.push_back(e.step);
  return all;
}

template <class R>
void has_the_hosts_bits(const R& r, const char* sensitivity, Index steps = config.steps) {
  cuda_test::start_double();
  {
    ScaledCuda inner(options(GraphUse::off));
    HostScaled<> host(inner);
    const State want = train(host, r, sensitivity, steps);
    CHECK(host.loss_scale().skipped() > 10);
    CHECK(want.model.student.entries[0].step > 5);
    for (const GraphUse use : {GraphUse::off, GraphUse::on}) {
      ScaledCuda there(options(use));
      const State got = train(there, r, sensitivity, steps);
      CHECK(same_bits(got, want));
      CHECK(ages(got) == ages(want));
      CHECK(there.loss_scale() == host.loss_scale());
      CHECK((there.device().work().graphs().launched() > 5) == (use == GraphUse::on));
      CHECK(got.model.student.missed.size() == 0);
    }
  }
  CHECK(cuda_test::double_faults().empty());
}

template <class O>
auto with_optimizer(O optimizer) {
  const SmallRecipe r = recipe();
  return make_recipe(r.views, r.objective, optimizer, r.rate, r.teacher, r.growth);
}

}  // namespace

TEST_CASE("A run whose scale is on the device has the bits and the ages of one whose scale is on the host") {
  for (const char* const sensitivity : {"taylor", "gradient_norm", "keep_ratio"}) {
    INFO(sensitivity);
    has_the_hosts_bits(recipe(), sensitivity, 60);
  }
}

TEST_CASE("So it has with trials, with clipping and with every kind of the teacher's statistics") {
  SmallRecipe r = recipe();
  r.growth.selector.choice = "trial";
  r.growth.selector.trial_steps = 3;
  has_the_hosts_bits(r, "taylor", 40);
  has_the_hosts_bits(with_optimizer(Clipped<AdamW>{{}, {0.1f}}), "taylor", 40);
  for (const auto statistics : {EmaTeacher::Statistics::student, EmaTeacher::Statistics::own}) {
    r = recipe();
    r.teacher.statistics = statistics;
    has_the_hosts_bits(r, "taylor", 40);
  }
}

namespace {
/// An optimizer of a user: w = w − rate·g by operations that know nothing of skipping, one of them a product.
struct Plain {
  bool operator==(const Plain&) const = default;
  template <class B>
  void update(B& backend, ParamStore<float>& store, float rate) const {
    const float step[] = {-rate};
    Buffer<float> there;
    reserve_for(backend, there, 1);
    there.upload(step);
    for (auto& e : store.entries) {
      if (!e.is_param()) continue;
      ++e.step;
      float* const w = store.value.data() + e.offset;
      const float* const g = store.grad.data() + e.offset;
      dispatch(backend, Scale<float>{e.count(), -rate, g, w, true});
      dispatch(backend, Gemm<float>{e.count(), 1, 1, 1.f, g, false, there.data(), false, w, true});
    }
  }
};
}  // namespace

TEST_CASE("An optimizer of other operations is skipped as well") {
  has_the_hosts_bits(with_optimizer(Plain{}), "taylor", 40);
}

TEST_CASE("A step of a scaled loss waits for nothing and is one graph") {
  for (const GraphUse use : {GraphUse::off, GraphUse::on}) {
    cuda_test::start_double();
    {
      ScaledCuda cuda(options(use));
      cuda_test::waits_for_nothing(cuda, recipe(), use == GraphUse::on ? 1 : 0);
      cuda.loss_scale() = LossScale(lively);  // and where it overflows
      cuda_test::waits_for_nothing(cuda, recipe(), use == GraphUse::on ? 1 : 0);
      CHECK(cuda.loss_scale().skipped() > 4);
    }
    CHECK(cuda_test::double_faults().empty());
  }
}

namespace {
/// Two trainings on one backend, a step of each by turns; one overflows where the other does not, since it begins
/// later.
template <class B>
std::vector<State> by_turns(B& backend) {
  backend.loss_scale() = LossScale(lively);
  const Images train = images();
  const SmallRecipe r = recipe();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  auto first = make_fit(backend, train, probe, config, r, Rng(3)),
       second = make_fit(backend, train, probe, config, r, Rng(4));
  std::vector<State> states{start(), start()};
  for (int i = 0; i < 24; ++i) {
    first.step(states[0]);
    if (i > 8) second.step(states[1]);
  }
  first.bring_home(states[0]);
  second.bring_home(states[1]);
  return states;
}
}  // namespace

TEST_CASE("Two trainings that take turns share the scale and keep their own ages") {
  cuda_test::start_double();
  {
    ScaledCuda inner(options(GraphUse::off)), there(options());
    HostScaled<> host(inner);
    const auto want = by_turns(host), got = by_turns(there);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(same_bits(got[i], want[i]));
      CHECK(ages(got[i]) == ages(want[i]));
    }
    CHECK(ages(want[0]) != ages(want[1]));
    CHECK(there.loss_scale() == host.loss_scale());
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("A rank on a card keeps its scale there as well") {
  cuda_test::start_double();
  {
    ScaledCuda plain(options(GraphUse::off)), inner(options(GraphUse::off));
    HostScaled<float> host(plain);  // across ranks maps are Scalars
    Alone alone;
    Across<ScaledCuda, Alone> across(inner, alone);
    static_assert(ScalesLossAway<decltype(across)>);
    const State got = train(across, recipe(), "taylor", 40), want = train(host, recipe(), "taylor", 40);
    CHECK(same_bits(got, want));
    CHECK(ages(got) == ages(want));
    CHECK(across.loss_scale() == host.loss_scale());
    across.loss_scale() = LossScale({.first = 0x1p40f, .least = 0x1p40f, .most = 0x1p40f});
    const Images train = images();
    const SmallRecipe r = recipe();
    const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
    State state = start();
    auto fit = make_fit(across, train, probe, config, r, Rng(3));
    CHECK_THROWS_WITH(fit.step(state), Catch::Matchers::Contains("the scale of the loss is the least"));
    fit.bring_home(state);
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("Gradients that overflow at the least scale end a run when losses are read") {
  cuda_test::start_double();
  {
    ScaledCuda cuda(options());
    cuda.loss_scale() = LossScale({.first = 0x1p40f, .least = 0x1p40f, .most = 0x1p40f});
    SmallRecipe r = recipe();
    r.collapse.every = 0;
    const Images train = images();
    const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
    State state = start();
    const std::atomic<bool> stop{false};
    CHECK_THROWS_WITH(make_fit(cuda, train, probe, config, r, Rng(3)).run(state, stop),
                      Catch::Matchers::Contains("the scale of the loss is the least"));
    CHECK(state.step == config.probe_every);
    CHECK(state.model.student.value == start().model.student.value);
    CHECK(ages(state) == ages(start()));
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("What is done to the scale between steps reaches the device, and what is read is of the last step") {
  cuda_test::start_double();
  {
    ScaledCuda cuda(options());
    const SmallRecipe r = recipe();
    const Images train = images();
    const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
    auto fit = make_fit(cuda, train, probe, config, r, Rng(3));
    State state = start();
    CHECK(cuda.loss_scale() == LossScale());
    cuda.loss_scale() = LossScale({.first = 256});
    fit.step(state);
    CHECK(cuda.loss_scale().counts() == LossScale::Counts{256, 1, 0});
    cuda.loss_scale() = LossScale({.first = 8, .patience = 2});
    CHECK(cuda.loss_scale().value() == 8);  // not yet there
    fit.step(state);
    fit.step(state);
    CHECK(cuda.loss_scale().counts() == LossScale::Counts{16, 0, 0});
    fit.bring_home(state);
    CHECK(state.model.student.entries[0].step == 3);
  }
  CHECK(cuda_test::double_faults().empty());
}

}  // namespace scaled_test

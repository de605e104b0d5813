// Steps as CUDA graphs: the same bits as call by call, through mutations and with routing; what waits and what does
// not.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "cuda/support/on_device.hpp"
#include "cuda/support/waits.hpp"
#include "cuda/support/with_double.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/optim/clip.hpp"
#include "sseg/ssl/dino.hpp"
#include "support/captured_file.hpp"
#include "unit/train/small_run.hpp"

namespace graph_test {

using namespace small_run;
using cuda::GraphUse;

namespace {

CudaOptions options(GraphUse graph, std::FILE* say = nullptr) {
  return {.cache = cuda_test::kernel_cache(), .graph = graph, .say = say, .threads = 1};
}

struct Losses {
  std::vector<double> all;
  void on_step(const StepInfo& s) { all.push_back(s.loss); }
};

struct Trained {
  State state;
  std::vector<double> losses;
  std::size_t captured = 0, launched = 0, played = 0;
  bool operator==(const Trained& b) const { return same_bits(state, b.state) && losses == b.losses; }
};

/// A whole run; with `listens` every loss is read as soon as it is there.
template <class R>
Trained train(const R& r, GraphUse graph, bool listens, const char* sensitivity = "taylor", std::FILE* say = nullptr) {
  Trained t;
  t.state = start(image, sensitivity);
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  Cuda cuda(options(graph, say));
  if (listens) {
    Losses losses;
    make_fit(cuda, train, probe, config, r, Rng(3), losses).run(t.state, stop);
    t.losses = losses.all;
  } else {
    make_fit(cuda, train, probe, config, r, Rng(3)).run(t.state, stop);
  }
  const cuda::GraphCache& graphs = cuda.device().work().graphs();
  t.captured = graphs.captured(), t.launched = graphs.launched(), t.played = graphs.played();
  return t;
}

/// Steps in a run whose net does not change.
template <class R>
void keep_still(R& r) {
  r.growth.trigger = Plateau{.patience = 1000, .min_gain = 0, .max_wait = 0, .first = 1000};
}

/// On the net of small_run.
template <class R>
void waits_for_nothing(const R& r, GraphUse graph, std::int64_t graphs_of_a_step) {
  cuda_test::start_double();
  {
    Cuda cuda(options(graph));
    cuda_test::waits_for_nothing(cuda, r, graphs_of_a_step);
  }
  CHECK(cuda_test::double_faults().empty());
}

}  // namespace

TEST_CASE("A step waits for nothing and brings nothing to the host, after the first few") {
  const SmallRecipe r = recipe();
  waits_for_nothing(r, GraphUse::off, 0);
  waits_for_nothing(r, GraphUse::on, 1);
  const auto clipped = make_recipe(r.views, r.objective, Clipped<AdamW>{{}, {0.1f}}, r.rate, r.teacher, r.growth);
  waits_for_nothing(clipped, GraphUse::off, 0);
  waits_for_nothing(clipped, GraphUse::on, 1);
}

TEST_CASE("A step that routes waits for nothing either, unless it makes masks") {
  SmallRecipe r = routed_recipe();
  r.routing.config->update_every = 1000;
  for (const char* const loss : {"shared", "repel"}) {
    r.routing.config->negative_loss = loss;
    waits_for_nothing(r, GraphUse::off, 0);
    waits_for_nothing(r, GraphUse::on, 1);
  }
}

TEST_CASE("A run of graphs has the bits of one without, through mutations") {
  for (const bool listens : {false, true}) {
    INFO(listens);
    cuda_test::start_double();
    const Trained by_calls = train(recipe(), GraphUse::off, listens);
    CHECK(by_calls.launched == 0);
    REQUIRE(by_calls.state.history.size() >= 2);
    const Trained by_graphs = train(recipe(), GraphUse::on, listens);
    CHECK(by_graphs == by_calls);
    CHECK(by_graphs.captured > by_graphs.state.history.size());  // one before and one after each
    CHECK(by_graphs.launched >= 10);
    CHECK(cuda_test::double_faults().empty());
  }
}

TEST_CASE("A run of graphs that routes has the bits of one without") {
  for (const char* const criterion : {"taylor", "snip"})
    for (const char* const loss : {"shared", "repel"}) {
      INFO(criterion << ", " << loss);
      cuda_test::start_double();
      SmallRecipe r = routed_recipe();
      r.routing.config->importance = criterion;
      r.routing.config->negative_loss = loss;
      const Trained by_calls = train(r, GraphUse::off, false);
      const Trained by_graphs = train(r, GraphUse::automatic, false);
      REQUIRE(by_calls.state.history.size() >= 2);
      CHECK(by_graphs == by_calls);
      CHECK(by_graphs.state.routing->router.masks() == by_calls.state.routing->router.masks());
      CHECK(by_graphs.launched > 5);
      CHECK(cuda_test::double_faults().empty());
    }
}

TEST_CASE("One graph is used as long as the net stays as it is, whatever the rate and the momentum do") {
  cuda_test::start_double();
  SmallRecipe r = recipe();
  keep_still(r);
  r.teacher.final_decay = 1;
  const Trained t = train(r, GraphUse::on, false);
  CHECK(t.captured == 2);  // after two steps, and once more since the first look at the probe has taken more workspace
  CHECK(t.launched == 21);
  CHECK(cuda_test::double_faults().empty());
}

namespace {
/// Two terms: a weight that moves, a temperature that moves.
auto changing_objective() {
  return objective(Term<NtXent>{},
                   Term<Dino, DinoHead, Ramp>{.loss = {.warmup_teacher_temperature = 0.02f, .warmup_share = 1.f},
                                              .weight = {.from = 0.25f, .to = 1.f}});
}
struct Distilled {
  std::vector<float> weights;
  std::vector<double> losses;
  std::size_t launched = 0;
};
Distilled distill(GraphUse graph) {
  const SmallRecipe small = recipe();
  const auto all = changing_objective();
  auto r = make_recipe(small.views, all, small.optimizer, small.rate, small.teacher, small.growth);
  keep_still(r);
  const auto cnn = SeedNetwork{.initial_channels = 4, .num_blocks = 1}.build(image);
  using Both = Learner<Flatten, std::remove_const_t<decltype(all)>::Heads>;
  auto state = start_training<float>(Both{{cnn, make_heads(all, feature_count(cnn, image))}}, AdamW::moments, Rng(1));
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  const std::atomic<bool> stop{false};
  FitConfig c = config;
  c.steps = 8, c.probe_every = 8;
  Losses losses;
  Cuda cuda(options(graph));
  make_fit(cuda, train, probe, c, r, Rng(3), losses).run(state, stop);
  const auto values = state.model.student.value.span();
  return {{values.begin(), values.end()}, losses.all, cuda.device().work().graphs().launched()};
}
}  // namespace

TEST_CASE("Weights and temperatures that move with the step need no other graph") {
  cuda_test::start_double();
  const Distilled by_calls = distill(GraphUse::off), by_graphs = distill(GraphUse::on);
  CHECK(by_graphs.weights == by_calls.weights);
  CHECK(by_graphs.losses == by_calls.losses);
  CHECK(by_graphs.launched >= 5);
  CHECK(cuda_test::double_faults().empty());
}

namespace {
/// Fails the nth call of `function` of a run of graphs.
Trained failing(const char* function, GraphUse graph, std::FILE* say = nullptr) {
  cuda_test::start_double();
  cuda_double::calls().fail(function);
  return train(recipe(), graph, false, "taylor", say);
}
}  // namespace

TEST_CASE("A capture that fails is said once, and the run goes on call by call to the same bits") {
  cuda_test::start_double();
  const Trained whole = train(recipe(), GraphUse::off, false);
  for (const char* const function : {"cudaStreamBeginCapture", "cudaStreamEndCapture", "cudaGraphInstantiate"}) {
    INFO(function);
    sseg_test::CapturedFile said;
    const Trained t = failing(function, GraphUse::automatic, said.file());
    CHECK(t == whole);
    CHECK(t.launched == 0);
    const std::string text = said.text();
    CHECK_THAT(text, Catch::Matchers::Contains("call by call") && Catch::Matchers::Contains(function));
    CHECK(text.find("call by call") == text.rfind("call by call"));
    CHECK(cuda_test::double_faults().empty());
    CHECK_THROWS_WITH(failing(function, GraphUse::on), Catch::Matchers::Contains(function));
    CHECK(cuda_test::double_faults().empty());
  }
}

TEST_CASE("A graph that cannot be launched is an error") {
  CHECK_THROWS_WITH(failing("cudaGraphLaunch", GraphUse::automatic), Catch::Matchers::Contains("cudaGraphLaunch"));
  CHECK(cuda_test::double_faults().empty());
}

namespace {
/// A buffer on the device.
Buffer<float> on_device(Cuda& cuda, std::vector<float> values) {
  Buffer<float> b;
  b.lie_in(cuda.memory());
  b.reserve_at_least(static_cast<Index>(values.size()));
  b.upload(values);
  return b;
}
std::vector<float> read(const Buffer<float>& b) {
  std::vector<float> values(to_size(b.size()));
  b.download(values);
  return values;
}
}  // namespace

TEST_CASE("Gathered work keeps its order among copies, and is dropped without a word where it is not done") {
  cuda_test::start_double();
  {
    Cuda cuda(options(GraphUse::on));
    Buffer<float> a = on_device(cuda, {1, 2, 3}), b = on_device(cuda, {0, 0, 0}), c = b;
    for (float step = 1; step < 6; ++step) {
      AsOne<Cuda> work(cuda);
      dispatch(cuda, Scale<float>{3, step, a.data(), b.data(), false});
      CHECK(read(b) == std::vector<float>{step, 2 * step, 3 * step});  // hands over what came before
      dispatch(cuda, Scale<float>{3, 2.f, b.data(), c.data(), false});
      b.upload(std::vector<float>{7, 7, 7});  // not before they were read
      dispatch(cuda, Add<float>{3, a.data(), b.data(), b.data()});
      work.done();
      CHECK(read(b) == std::vector<float>{8, 9, 10});
      CHECK(read(c) == std::vector<float>{2 * step, 4 * step, 6 * step});
    }
    CHECK(cuda.device().work().graphs().captured() == 3);
    CHECK(cuda.device().work().graphs().launched() == 12);
    {
      const AsOne<Cuda> given_up(cuda);
      dispatch(cuda, Fill<float>{3, 5.f, b.data()});
    }
    CHECK(read(b) == std::vector<float>{8, 9, 10});
    dispatch(cuda, Fill<float>{3, 5.f, b.data()});
    CHECK(read(b) == std::vector<float>{5, 5, 5});
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("Work that is gathered within gathered work keeps its numbers") {
  cuda_test::start_double();
  {
    Cuda cuda(options(GraphUse::on));
    Buffer<float> a = on_device(cuda, {1, 2}), b = on_device(cuda, {0, 0}), c = b;
    for (float step = 1; step < 5; ++step) {
      AsOne<Cuda> outer(cuda);
      dispatch(cuda, Scale<float>{2, step, a.data(), b.data(), false});
      AsOne<Cuda> inner(cuda);
      dispatch(cuda, Scale<float>{2, 10 * step, a.data(), c.data(), false});
      inner.done();
      outer.done();
      CHECK(read(b) == std::vector<float>{step, 2 * step});
      CHECK(read(c) == std::vector<float>{10 * step, 20 * step});
    }
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("A device that runs out of memory does gathered work before it takes back what that work uses") {
  cuda_double::Card card;
  card.memory = std::size_t{48} << 20;  // 32 MiB are workspace of cuBLAS
  cuda_test::start_double({card});
  {
    Cuda cuda(options(GraphUse::automatic));
    const Index many = Index{2} << 20;
    Buffer<float> small = on_device(cuda, {0});
    AsOne<Cuda> work(cuda);
    {
      Buffer<float> gone;
      reserve_for(cuda, gone, many);
      dispatch(cuda, Fill<float>{many, 3.f, gone.data()});
      dispatch(cuda, Copy<float>{1, gone.data() + many - 1, small.data()});
    }
    Buffer<float> large;
    reserve_for(cuda, large, many + many / 2);
    dispatch(cuda, Fill<float>{1, 4.f, large.data()});
    work.done();
    CHECK(read(small) == std::vector<float>{3});
    const std::vector<float> all = read(large);  // it may lie where the other was
    CHECK(std::count(all.begin(), all.end(), 3.f) == 0);
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("More numbers that change than there was room for, and cohorts that change, are still the right ones") {
  cuda_test::start_double();
  {
    Cuda cuda(options(GraphUse::on));
    std::vector<std::uint8_t> cohort(40, 0);
    const std::vector<AdamCorrection> ages(200, {0.5, 0.25});
    Buffer<float> w = on_device(cuda, std::vector<float>(40, 0)), g = on_device(cuda, std::vector<float>(40, 1)),
                  m = on_device(cuda, std::vector<float>(40, 0)), v = on_device(cuda, std::vector<float>(40, 0));
    Buffer<float> plain = w, m2 = m, v2 = v;
    for (int step = 0; step < 4; ++step) {
      cohort[3] = static_cast<std::uint8_t>(step);
      const auto update = [&](Buffer<float>& to, Buffer<float>& first, Buffer<float>& second) {
        cuda.run(AdamWUpdate<float>{40, to.data(), g.data(), first.data(), second.data(), 0.1f * float(step + 1), 0.5f,
                                    0.5f, 1e-8f, 0.f, ages, cohort.data()});
      };
      for (int i = 0; i < 20; ++i) update(plain, m2, v2);  // 402 numbers each
      AsOne<Cuda> work(cuda);
      for (int i = 0; i < 20; ++i) update(w, m, v);
      work.done();
      CHECK(read(w) == read(plain));
    }
    std::vector<std::vector<std::uint8_t>> nets(60, cohort);  // mutations one after the other leave nothing behind
    for (auto& net : nets)
      cuda.run(AdamWUpdate<float>{40, w.data(), g.data(), m.data(), v.data(), 0.1f, 0.5f, 0.5f, 1e-8f, 0.f, ages,
                                  net.data()});
    CHECK(cuda.device().cohort_cache().size() < 40);
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("The words for the use of graphs") {
  CHECK(cuda::graph_use("auto") == GraphUse::automatic);
  CHECK(cuda::graph_use("on") == GraphUse::on);
  CHECK(cuda::graph_use("off") == GraphUse::off);
  CHECK_THROWS_WITH(cuda::graph_use("yes"), Catch::Matchers::Contains("give auto, on or off"));
}

}  // namespace graph_test

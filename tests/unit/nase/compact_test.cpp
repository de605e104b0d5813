#include "sseg/nase/compact.hpp"

#include <algorithm>
#include <cmath>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/head/heads.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/nase/routed_store.hpp"
#include "sseg/nase/sparse_router.hpp"
#include "support/catch.hpp"
#include "support/worse.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/nase/small_net.hpp"

namespace compact_test {

using namespace sseg;

namespace {

/// The positive path of a net whose channels were kept by random scores.
template <class T>
ParamStore<T> positive_path(const ParamStore<T>& store, double keep, const char* unit = "channel") {
  RouterConfig c;
  c.unit = unit;
  c.keep = keep;
  c.ramp_steps = 0;
  ImportanceScorer<RandomScore, T> scorer(RandomScore{5});
  scorer.observe(store);
  SparseRouter router(c);
  router.update(store, scorer, 0);
  RoutedStore<T> path;
  path.load(store, router.masks());
  return path.store();
}

template <class T>
void check_near(const std::vector<T>& a, const std::vector<T>& b, double tolerance) {
  REQUIRE(a.size() == b.size());
  double largest = 0, worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, static_cast<double>(std::abs(a[i])));
    worst = worse(worst, static_cast<double>(std::abs(a[i] - b[i])));
  }
  CHECK(largest > 0.01);
  CHECK(worst <= tolerance * largest);
}

struct TaskA {
  static constexpr std::string_view name = "a";
  using Head = ProjectionHead;
};
struct TaskB {
  static constexpr std::string_view name = "b";
  using Head = Chain<Linear, Relu>;
};

}  // namespace

TEMPLATE_TEST_CASE("The compact net answers as the positive path, and is smaller", "", Flatten, GlobalPool) {
  const auto net = small_net::make<TestType>();
  for (const double keep : {0.8, 0.5, 0.1}) {
    Reference<double> exact;
    Cpu cpu(1);
    const auto path = positive_path(small_net::used_store<float>(net, 1), keep);
    const auto precise = positive_path(small_net::used_store<double>(net, 1), keep);
    const auto small = compact(net, path);
    const auto small_precise = compact(net, precise);
    CHECK(small.net == small_precise.net);
    CHECK(small.net.param_count() < net.param_count());
    CHECK(small.net.macs(small_net::input) < net.macs(small_net::input));
    CHECK(small.store.value.size() == small.net.param_count());
    CHECK(small.store.state.size() == small.net.state_count());
    check_near(small_net::answer(cpu, small.net, small.store), small_net::answer(cpu, net, path), 1e-5);
    check_near(small_net::answer(exact, small_precise.net, small_precise.store), small_net::answer(exact, net, precise),
               1e-12);
  }
}

TEST_CASE("Widths of the compact net are the channels the router kept") {
  const auto net = small_net::make();
  const auto dense = small_net::used_store<float>(net, 1);
  RouterConfig c;
  c.unit = "channel";
  c.scope = "layer";
  c.keep = 0.6;
  c.ramp_steps = 0;
  ImportanceScorer<RandomScore> scorer;
  scorer.observe(dense);
  SparseRouter router(c);
  router.update(dense, scorer, 0);
  RoutedStore<float> path;
  path.load(dense, router.masks());
  const auto small = compact(net, path.store());
  const auto& list = stages(std::get<0>(small.net.layers));
  CHECK(width(list[0]) == 3);
  CHECK(width(list[1]) == 5);
  CHECK(std::get<0>(std::get<1>(small.net.layers).layers).in == 2 * 2 * 5);
  CHECK(std::get<1>(small.net.layers).out_shape({1, 20}) == Shape{1, 4});
  for (const auto& t : prunable_tensors(small.store, "net/0/"))
    CHECK(std::ranges::any_of(small.store.values(small.store.at(t.key)), [](float w) { return w != 0; }));
}

TEST_CASE("The compact net goes on training: a gradient reaches every weight") {
  Cpu cpu(1);
  const auto net = small_net::make();
  auto small = compact(net, positive_path(small_net::used_store<float>(net, 1), 0.5));
  small_net::pass(cpu, small.net, small.store, 3);
  Index touched = 0;
  for (const float g : small.store.grad) touched += g != 0;
  CHECK(touched > small.net.param_count() / 2);
}

TEST_CASE("A net without dead channels comes back as it is") {
  const auto net = small_net::make();
  const auto path = positive_path(small_net::used_store<float>(net, 1), 0.3, "weight");
  const auto same = compact(net, path);
  CHECK(same.net == net);
  CHECK(same.store.value == path.value);
  CHECK(same.store.state == path.state);
}

TEST_CASE("A channel goes only when gamma and beta are 0 in the entry and in every residual block") {
  const auto net = small_net::make();
  for (const char* part :
       {"/0/1/gamma", "/0/1/beta", "/1/#0/0/1/gamma", "/1/#0/0/1/beta", "/1/#1/0/1/gamma", "/1/#1/0/1/beta"}) {
    auto store = small_net::used_store<float>(net, 1);
    const std::string stage = "net/0/0/#1";
    for (const char* other :
         {"/0/1/gamma", "/0/1/beta", "/1/#0/0/1/gamma", "/1/#0/0/1/beta", "/1/#1/0/1/gamma", "/1/#1/0/1/beta"})
      store.values(store.at(stage + other))[2] = 0;
    CHECK(width(stages(std::get<0>(compact(net, store).net.layers))[1]) == 6);
    store.values(store.at(stage + part))[2] = 0.5f;
    CHECK(compact(net, store).net == net);
  }
}

TEST_CASE("A stage that is dead altogether keeps one channel") {
  Cpu cpu(1);
  const auto net = small_net::make();
  auto store = small_net::used_store<float>(net, 1);
  for (const auto& e : store.entries)
    if (e.desc.key.find("/#0/") < 10 && (e.desc.key.ends_with("gamma") || e.desc.key.ends_with("beta")))
      std::ranges::fill(store.values(e), 0.f);
  const auto small = compact(net, store);
  CHECK(width(stages(std::get<0>(small.net.layers))[0]) == 1);
  check_near(small_net::answer(cpu, small.net, small.store), small_net::answer(cpu, net, store), 1e-5);
}

TEST_CASE("Several heads lose the inputs of removed channels, each its own") {
  Cpu cpu(1);
  const auto one = small_net::make();
  using Several = Heads<TaskA, TaskB>;
  Several several;
  const Index features = std::get<0>(one.layers).out_shape(small_net::input)[1];
  several.heads = {projection_head(features, 6, 4), chain(Linear{.in = features, .out = 3}, Relu{})};
  for (const std::array<bool, 2> on : {std::array{true, true}, std::array{false, true}}) {
    several.on = on;
    const auto net = chain(std::get<0>(one.layers), several);
    const auto path = positive_path(small_net::used_store<float>(net, 1), 0.5);
    const auto small = compact(net, path);
    CHECK(small.net.param_count() < net.param_count());
    check_near(small_net::answer(cpu, small.net, small.store), small_net::answer(cpu, net, path), 1e-5);
    const auto& entry = small.store.at("net/1/b/0/weight");
    const Index width_now = width(stages(std::get<0>(small.net.layers))[1]);
    CHECK(entry.desc.shape == Shape{3, 4 * width_now});
    const auto& before = path.at("net/1/b/0/weight");
    // Every column that stays is one of the old ones, in order.
    Index column = 0;
    for (Index c = 0; c < entry.desc.shape[1]; ++c) {
      while (column < features && path.values(before)[to_size(column)] != small.store.values(entry)[to_size(c)])
        ++column;
      CHECK(column < features);
    }
  }
}

TEST_CASE("A net without stages is refused") {
  const small_net::Net<> empty = chain(EvolvableCnn<>{}, projection_head(4, 3, 2));
  const auto store = make_store<float>(empty, 0, Rng(1));
  CHECK_THAT(sseg_test::message_of([&] { compact(empty, store); }), sseg_test::Contains("without stages"));
}

}  // namespace compact_test

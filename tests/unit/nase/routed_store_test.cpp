#include "sseg/nase/routed_store.hpp"

#include <algorithm>
#include <cmath>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/nase/sparse_router.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/nase/small_net.hpp"

namespace routed_store_test {

using namespace sseg;

namespace {

/// Masks of a net by its random scores.
template <class T>
Masks random_masks(const ParamStore<T>& store, const char* unit, double keep, const char* prefix = "net/0/",
                   std::uint64_t seed = 3) {
  RouterConfig c;
  c.unit = unit;
  c.keep = keep;
  c.ramp_steps = 0;
  ImportanceScorer<RandomScore, T> scorer(RandomScore{seed}, 0.9, prefix);
  scorer.observe(store);
  SparseRouter router(c);
  router.update(store, scorer, 0);
  return router.masks();
}

template <class T>
std::vector<T> all(const Buffer<T>& b) {
  return {b.begin(), b.end()};
}

}  // namespace

TEST_CASE("The two paths share out the weights: W = W⊙M+ + W⊙M−, everything else is on both") {
  const auto net = small_net::make();
  const auto store = small_net::used_store<float>(net, 1);
  for (const char* unit : {"weight", "channel"}) {
    const Masks masks = random_masks(store, unit, 0.4);
    RoutedStore<float> plus(Path::positive), minus(Path::negative);
    plus.load(store, masks);
    minus.load(store, masks);
    Index parted = 0;
    for (Index i = 0; i < store.value.size(); ++i) {
      const float p = plus.store().value[i], m = minus.store().value[i];
      if (masks.masked(i)) {
        ++parted;
        if (p + m != store.value[i] || (p != 0) == (m != 0)) FAIL_CHECK(i);
      } else if (p != store.value[i] || m != store.value[i]) {
        FAIL_CHECK(i);
      }
    }
    CHECK(parted > 1000);
    CHECK(plus.store().entries.size() == store.entries.size());
  }
}

TEST_CASE("One linear layer is the sum of its two paths: conv(x, W) = conv(x, W⊙M+) + conv(x, W⊙M−)") {
  Reference<double> backend;
  const Conv2d conv{.in = 3, .out = 5};
  const auto dense = make_store<double>(conv, 0, Rng(2));
  const Masks masks = random_masks(dense, "weight", 0.5, "net");
  RoutedStore<double> plus(Path::positive), minus(Path::negative);
  plus.load(dense, masks);
  minus.load(dense, masks);
  const Shape in{2, 7, 6, 3};
  const auto x = small_net::draw<double>(in.count(), 4);
  const auto run = [&](const ParamStore<double>& s) {
    Trace<double> trace;
    const auto y = trace.infer(backend, conv, s, {x.data(), in}).flat();
    return std::vector<double>(y.begin(), y.end());
  };
  const auto whole = run(dense), a = run(plus.store()), b = run(minus.store());
  double norm = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CHECK(a[i] + b[i] == Approx(whole[i]).margin(1e-12));
    norm += std::abs(b[i]);
  }
  CHECK(norm > 1);
}

TEST_CASE("Keeping everything, the positive path is the dense net bit for bit, in both modes and in its gradient") {
  Cpu backend(1);
  const auto net = small_net::make();
  for (const char* unit : {"weight", "channel"}) {
    auto dense = small_net::used_store<float>(net, 1);
    dense.value[0] = -0.f;
    const Masks masks = random_masks(dense, unit, 1);
    RoutedStore<float> plus;
    plus.load(dense, masks);
    CHECK(std::signbit(plus.store().value[0]));
    CHECK(plus.store().value == dense.value);
    CHECK(small_net::answer(backend, net, plus.store()) == small_net::answer(backend, net, dense));
    dense.zero_grad();
    CHECK(small_net::pass(backend, net, plus.store(), 6) == small_net::pass(backend, net, dense, 6));
    CHECK(plus.store().grad == dense.grad);
    CHECK(plus.store().state == dense.state);
    auto sum = dense;
    sum.zero_grad();
    plus.add_gradient(sum, masks, 1.f);
    CHECK(sum.grad == dense.grad);
  }
}

TEST_CASE("A path's gradient reaches the dense weights masked, or whole when asked, times its weight") {
  Reference<double> backend;
  const auto net = small_net::make();
  for (const char* unit : {"weight", "channel"})
    for (const Path path : {Path::positive, Path::negative}) {
      auto dense = small_net::used_store<double>(net, 1);
      const Masks masks = random_masks(dense, unit, 0.5);
      RoutedStore<double> route(path);
      route.load(dense, masks);
      small_net::pass(backend, net, route.store(), 6);
      for (double& g : dense.grad) g = 2;
      auto whole = dense;
      route.add_gradient(dense, masks, 0.25);
      route.add_gradient(whole, masks, 0.25, Straight::dense);
      Index regrowing = 0;
      for (Index i = 0; i < dense.grad.size(); ++i) {
        const double g = route.store().grad[i], expected = masks.on(path, i) ? 2 + 0.25 * g : 2;
        if (dense.grad[i] != expected || whole.grad[i] != 2 + 0.25 * g) FAIL_CHECK(i);
        regrowing += !masks.on(path, i) && g != 0;
      }
      // Single removed weights hear what they would be good for; filters of removed channels are behind a gamma of 0.
      CHECK((regrowing > 500) == (std::string(unit) == "weight"));
      for (const auto& t : prunable_tensors(dense, "net/0/"))
        for (Index i = t.offset; std::string(unit) == "channel" && i < t.offset + t.count(); ++i)
          if (!masks.on(path, i) && route.store().grad[i] != 0) FAIL_CHECK(t.key);
    }
}

TEST_CASE("The masked gradient is the derivative of the path's loss by the dense weights") {
  Reference<double> backend;
  const auto net = small_net::make(3, 4);
  auto dense = small_net::used_store<double>(net, 1);
  const Masks masks = random_masks(dense, "weight", 0.5);
  const auto loss = [&](const ParamStore<double>& from) {
    RoutedStore<double> route;
    route.load(from, masks);
    const auto y = small_net::pass(backend, net, route.store(), 6);
    const auto dy = small_net::draw<double>(static_cast<Index>(y.size()), 7);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * dy[i];
    return sum;
  };
  RoutedStore<double> route;
  route.load(dense, masks);
  small_net::pass(backend, net, route.store(), 6);
  dense.zero_grad();
  route.add_gradient(dense, masks, 1.0);
  for (const auto& t : prunable_tensors(dense, "net/0/"))
    for (Index i = t.offset + 1; i < t.offset + t.count(); i += 17) {
      const double h = 1e-5, w = dense.value[i];
      dense.value[i] = w + h;
      const double up = loss(dense);
      dense.value[i] = w - h;
      const double down = loss(dense);
      dense.value[i] = w;
      CHECK(dense.grad[i] == Approx((up - down) / (2 * h)).epsilon(1e-3).margin(1e-5));
      if (!masks.on(Path::positive, i)) CHECK(dense.grad[i] == 0);
    }
}

TEST_CASE("A removed channel is 0 where it is read, whatever statistics it has") {
  Cpu backend(1);
  const auto net = small_net::make();
  const auto dense = small_net::used_store<float>(net, 1);
  const Masks masks = random_masks(dense, "channel", 0.5);
  RoutedStore<float> plus;
  plus.load(dense, masks);
  // Any kernel slice that reads a removed channel of stage 0 may change: nobody hears it.
  const auto before = small_net::answer(backend, net, plus.store());
  const auto gamma = dense.at("net/0/0/#0/0/1/gamma").offset;
  const auto& reader = dense.at("net/0/0/#1/0/0/weight");
  Index changed = 0, heard = 0;
  for (Index c = 0; c < 5; ++c) {
    auto touched = plus.store();
    for (Index k = 0; k < 9; ++k)
      for (Index o = 0; o < 7; ++o) touched.value[reader.offset + (k * 5 + c) * 7 + o] += 1;
    const bool same = small_net::answer(backend, net, touched) == before;
    CHECK(same == !masks.on(Path::positive, gamma + c));
    (same ? changed : heard) += 1;
  }
  CHECK(changed > 0);
  CHECK(heard > 0);
}

TEST_CASE("Every path has its own running statistics, and they stay from load to load") {
  Cpu backend(1);
  const auto net = small_net::make();
  auto dense = small_net::used_store<float>(net, 1);
  const auto first = all(dense.state);
  const Masks masks = random_masks(dense, "weight", 0.5);
  RoutedStore<float> plus(Path::positive), minus(Path::negative);
  plus.load(dense, masks);
  minus.load(dense, masks);
  CHECK(all(plus.store().state) == first);
  CHECK(all(minus.store().state) == first);
  small_net::pass(backend, net, plus.store(), 6);
  const auto moved = all(plus.store().state);
  CHECK(moved != first);
  CHECK(all(minus.store().state) == first);
  CHECK(all(dense.state) == first);
  small_net::pass(backend, net, minus.store(), 6);
  CHECK(all(plus.store().state) == moved);
  CHECK(all(minus.store().state) != moved);
  for (float& v : dense.state) v += 1;
  plus.load(dense, masks);
  CHECK(all(plus.store().state) == moved);
  CHECK(std::ranges::all_of(plus.store().grad, [](float g) { return g == 0; }));
}

TEST_CASE("Statistics of channels off the path follow the dense net, so that they can come back") {
  Cpu backend(1);
  const auto net = small_net::make();
  auto dense = small_net::used_store<float>(net, 1);
  const Masks masks = random_masks(dense, "channel", 0.5);
  RoutedStore<float> plus;
  plus.load(dense, masks);
  small_net::pass(backend, net, plus.store(), 6);
  const auto moved = all(plus.store().state);
  for (float& v : dense.state) v += 1;
  plus.load(dense, masks);
  Index followed = 0;
  for (const auto& e : dense.entries) {
    if (e.is_param()) continue;
    const auto gamma = dense.at(e.desc.key.substr(0, e.desc.key.rfind('/')) + "/gamma").offset;
    for (Index c = 0; c < e.count(); ++c) {
      const bool on = masks.on(Path::positive, gamma + c);
      followed += !on;
      const float expected = on ? moved[to_size(e.offset + c)] : dense.state[e.offset + c];
      if (plus.store().state[e.offset + c] != expected) FAIL_CHECK(e.desc.key << " " << c);
    }
  }
  CHECK(followed > 0);
}

TEST_CASE("After a mutation a path keeps its statistics by key, and takes the dense ones where they are new") {
  Cpu backend(1);
  const auto net = small_net::make();
  auto dense = small_net::used_store<float>(net, 1);
  RoutedStore<float> plus;
  plus.load(dense, random_masks(dense, "weight", 0.5));
  small_net::pass(backend, net, plus.store(), 6);
  const ParamStore<float> before = plus.store();
  auto wide = reseat(dense, small_net::make(5, 9), 2, Rng(2));
  for (float& v : wide.state) v += 3;
  CHECK_THAT(sseg_test::message_of([&] { plus.load(wide, random_masks(dense, "weight", 0.5)); }),
             sseg_test::Contains("update the router"));
  const Masks masks = random_masks(wide, "weight", 0.5);
  CHECK_THAT(sseg_test::message_of([&] { plus.add_gradient(wide, masks, 1.f); }), sseg_test::Contains("load it first"));
  plus.load(wide, masks);
  Index kept = 0, fresh = 0;
  for (const auto& e : wide.entries) {
    if (e.is_param()) continue;
    const bool same = e.desc.key.find("/#0/") < e.desc.key.find("/#1/");  // stage 0 is as it was
    const auto now = std::as_const(plus.store()).values(e);
    CHECK(std::ranges::equal(now, same ? before.values(before.at(e.desc.key)) : std::as_const(wide).values(e)));
    (same ? kept : fresh) += 1;
  }
  CHECK(kept == 4);
  CHECK(fresh == 6);
}

TEST_CASE("Loading a path and adding its gradient allocate nothing while the layout stays") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  auto dense = small_net::used_store<float>(small_net::make(), 1);
  const Masks masks = random_masks(dense, "channel", 0.5);
  RoutedStore<float> plus;
  plus.load(dense, masks);
  const long before = malloc_count();
  for (int i = 0; i < 4; ++i) {
    plus.load(dense, masks);
    plus.add_gradient(dense, masks, 1.f, Straight::dense);
  }
  CHECK(malloc_count() - before == 0);
}

}  // namespace routed_store_test

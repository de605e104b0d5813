#include "sseg/optim/clip.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/layer/batch_norm.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/layer/linear.hpp"
#include "sseg/net/chain.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/sgd.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"

namespace clip_test {

using namespace sseg;

namespace {

/// Tensors of several sizes; the gradient of tensor k has norm `norms[k]`.
template <class T>
ParamStore<T> store_with_norms(const std::vector<double>& norms) {
  const auto net = chain(Conv2d{2, 70}, batch_norm(70), Flatten{}, Linear{280, 200});
  auto store = make_store<T>(net, AdamW::moments, Rng(3));
  Rng rng(4);
  std::size_t k = 0;
  for (const auto& e : store.entries) {
    if (!e.is_param()) continue;
    double squares = 0;
    T* g = store.grad.data() + e.offset;
    for (Index i = 0; i < e.count(); ++i) {
      g[i] = static_cast<T>(rng.normal());
      squares += static_cast<double>(g[i] * g[i]);
    }
    REQUIRE(k < norms.size());
    const T factor = static_cast<T>(norms[k++] / std::sqrt(squares));
    for (Index i = 0; i < e.count(); ++i) g[i] *= factor;
  }
  REQUIRE(k == norms.size());
  return store;
}
template <class T>
double norm_of(const ParamStore<T>& store, const typename ParamStore<T>::Entry& e) {
  double squares = 0;
  for (const T g : store.gradient(e)) squares += static_cast<double>(g) * static_cast<double>(g);
  return std::sqrt(squares);
}
const std::vector<double> norms{2.9, 3.1, 50, 0.5, 30};

}  // namespace

TEST_CASE("gradients longer than the limit are shortened to it, tensor by tensor, and counted") {
  const auto run = [](auto&& backend, double tolerance) {
    using T = typename std::remove_cvref_t<decltype(backend)>::Scalar;
    auto store = store_with_norms<T>(norms);
    const auto before = store;
    CHECK(ClipPerTensor{}(backend, store) == 3);
    std::size_t k = 0;
    for (const auto& e : store.entries) {
      if (!e.is_param()) continue;
      INFO(e.desc.key);
      const double was = norms[k++];
      CHECK(norm_of(store, e) == Approx(std::min(was, 3.0)).epsilon(tolerance));
      const auto now = store.gradient(e), old = before.gradient(e);
      const double factor = std::min(1.0, 3.0 / was);
      for (std::size_t i = 0; i < now.size(); ++i)
        REQUIRE(static_cast<double>(now[i]) == Approx(static_cast<double>(old[i]) * factor).epsilon(1e-5));
      if (was < 3) CHECK(std::equal(now.begin(), now.end(), old.begin()));
    }
    CHECK(store.value == before.value);
    CHECK(store.moment == before.moment);
    CHECK(ClipPerTensor{100}(backend, store) == 0);
  };
  run(Cpu(2), 1e-6);
  run(Reference<double>(), 1e-6);
}

TEST_CASE("clipping gives the same bits for any number of threads") {
  Cpu one(1);
  auto expected = store_with_norms<float>(norms);
  ClipPerTensor{}(one, expected);
  for (const int threads : {2, 3, 5}) {
    Cpu team(threads);
    auto store = store_with_norms<float>(norms);
    ClipPerTensor{}(team, store);
    CHECK(store.grad == expected.grad);
  }
}

TEST_CASE("a limit of 0 turns clipping off") {
  Cpu cpu(1);
  auto store = store_with_norms<float>(norms);
  const auto before = store.grad;
  CHECK(ClipPerTensor{0}(cpu, store) == 0);
  CHECK(store.grad == before);
}

TEST_CASE("a gradient that is not finite is not counted as clipped") {
  Cpu cpu(1);
  auto store = store_with_norms<float>(norms);
  store.grad[store.entries[0].offset] = std::numeric_limits<float>::quiet_NaN();
  store.grad[store.entries[1].offset] = std::numeric_limits<float>::infinity();
  CHECK(ClipPerTensor{}(cpu, store) == 2);  // of the three that are too long, one holds the infinity
}

TEST_CASE("a clipped optimizer updates with the clipped gradient") {
  Cpu cpu(2);
  auto store = store_with_norms<float>(norms), by_hand = store;
  const Clipped<Sgd> clipped{{.momentum = 0.8f}, {2.f}};
  const Index count = clipped.update(cpu, store, 0.1f);
  CHECK(count == ClipPerTensor{2.f}(cpu, by_hand));
  CHECK(count == 4);
  Sgd{.momentum = 0.8f}.update(cpu, by_hand, 0.1f);
  CHECK(store.value == by_hand.value);
  CHECK(store.grad == by_hand.grad);
  CHECK(store.moment == by_hand.moment);
  CHECK(Clipped<AdamW>::moments == 2);
  CHECK(Clipped<AdamW>::name == "adamw");
  CHECK(clipped == Clipped<Sgd>{{.momentum = 0.8f}, {2.f}});
  CHECK_FALSE(clipped == Clipped<Sgd>{{.momentum = 0.8f}, {3.f}});
}

TEST_CASE("a clipped update allocates nothing after the first") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  Cpu cpu(2);
  auto store = store_with_norms<float>(norms);
  const Clipped<Sgd> clipped{};
  clipped.update(cpu, store, 0.1f);
  const long before = malloc_count();
  clipped.update(cpu, store, 0.1f);
  CHECK(malloc_count() == before);
}

}  // namespace clip_test

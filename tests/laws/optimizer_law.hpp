#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/optimizer.hpp"
#include "sseg/layer/batch_norm.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/layer/linear.hpp"
#include "sseg/net/chain.hpp"
#include "sseg/net/reseat.hpp"
#include "support/catch.hpp"

namespace law {

/// Weights that decay, norms and biases that do not, and running statistics; gradients all different from zero.
template <class T>
sseg::ParamStore<T> store_with_gradients(int moments) {
  using namespace sseg;
  const auto net = chain(Conv2d{2, 5}, batch_norm(5), Flatten{}, Linear{20, 7});
  ParamStore<T> store = make_store<T>(net, moments, Rng(3));
  Rng rng(4);
  for (T& w : store.value) w += static_cast<T>(rng.uniform(-1.f, 1.f));
  for (T& g : store.grad) g = static_cast<T>(rng.uniform(0.1f, 1.f) * (rng.chance(0.5f) ? 1.f : -1.f));
  for (T& s : store.state) s = static_cast<T>(rng.uniform());
  return store;
}

/// Every tensor's gradient is a multiple, at most 1, of what it was.
template <class T>
void check_only_shortened(const sseg::ParamStore<T>& before, const sseg::ParamStore<T>& after) {
  for (const auto& e : before.entries) {
    if (!e.is_param()) continue;
    INFO(e.desc.key);
    const auto was = before.gradient(e), is = after.gradient(e);
    const T factor = is[0] / was[0];
    CHECK((factor > T{} && factor <= T{1}));
    T furthest{};
    for (std::size_t i = 0; i < was.size(); ++i) furthest = std::max(furthest, std::abs(is[i] - factor * was[i]));
    CHECK(furthest < T(1e-6));
  }
}

/// The laws of concepts/optimizer.hpp for an optimizer without weight decay on one backend.
template <class O, class B>
void obeys_optimizer_law(const O& without_decay, B& backend) {
  using namespace sseg;
  using T = typename B::Scalar;
  static_assert(Optimizer<O, B, ParamStore<T>>);
  INFO(O::name << " on " << B::name);
  const ParamStore<T> start = store_with_gradients<T>(O::moments);
  REQUIRE(start.state.size() > 0);

  // The layout, the state and the gradients stay; each parameter is one update older.
  const auto check_kept = [&](const ParamStore<T>& store, Index updates) {
    REQUIRE(store.entries.size() == start.entries.size());
    for (std::size_t i = 0; i < start.entries.size(); ++i) {
      INFO(start.entries[i].desc.key);
      CHECK(store.entries[i].desc == start.entries[i].desc);
      CHECK(store.entries[i].offset == start.entries[i].offset);
      CHECK(store.entries[i].step == (start.entries[i].is_param() ? updates : 0));
    }
    CHECK(store.state == start.state);
    CHECK(store.moment.size() == to_size(O::moments));
  };

  // Without gradient and decay there is nothing to do.
  ParamStore<T> still = start;
  still.zero_grad();
  for (Index update = 1; update <= 3; ++update) {
    without_decay.update(backend, still, 0.1f);
    CHECK(still.value == start.value);
    check_kept(still, update);
  }

  // A rate of zero keeps the weights, whatever the gradient.
  ParamStore<T> frozen = start;
  without_decay.update(backend, frozen, 0.f);
  CHECK(frozen.value == start.value);
  check_kept(frozen, 1);

  // The first step moves every weight against its gradient and leaves the gradient alone; an optimizer that says it
  // shortens gradients may do so, tensor by tensor, and keeps their direction.
  ParamStore<T> moved = start;
  without_decay.update(backend, moved, 0.1f);
  if constexpr (requires { O::shortens_gradients; })
    check_only_shortened(start, moved);
  else
    CHECK(moved.grad == start.grad);
  Index downhill = 0;
  for (Index i = 0; i < start.value.size(); ++i)
    downhill += start.grad[i] > T{} ? moved.value[i] < start.value[i] : moved.value[i] > start.value[i];
  CHECK(downhill == start.value.size());
  check_kept(moved, 1);

  // All it remembers is in the store: a copy of the store goes on alike.
  ParamStore<T> copy = moved;
  without_decay.update(backend, moved, 0.05f);
  O(without_decay).update(backend, copy, 0.05f);
  CHECK(copy.value == moved.value);
  CHECK(copy.moment == moved.moment);
  check_kept(copy, 2);
}

}  // namespace law

#include "sseg/optim/sgd.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/layer/linear.hpp"
#include "sseg/net/reseat.hpp"
#include "support/catch.hpp"

namespace sgd_test {

using sseg::Cpu;
using sseg::Index;
using sseg::Linear;
using sseg::ParamStore;
using sseg::Reference;
using sseg::Rng;
using sseg::Sgd;
using sseg::to_size;

namespace {

constexpr Linear layer{.in = 7, .out = 5};
constexpr Index weights = 35, params = 40;

template <class T>
ParamStore<T> fresh_store() {
  auto store = sseg::make_store<T>(layer, Sgd::moments, Rng(4));
  for (T& b : store.values(store.at("net/bias"))) b = 2;
  return store;
}
template <class T>
void draw_gradients(ParamStore<T>& store, Index step) {
  Rng rng = Rng(17).split(static_cast<std::uint64_t>(step));
  for (T& g : store.grad) g = static_cast<T>(rng.normal());
}

/// The closed form without any state:  m_t = Σ_s momentum^(t−s)·e_s  over the whole history of e = g + decay·w.
struct OneElement {
  double w = 0;
  std::vector<double> past;
  double momentum_at(double mu) const {
    double m = 0;
    for (std::size_t s = 0; s < past.size(); ++s) m += std::pow(mu, static_cast<double>(past.size() - 1 - s)) * past[s];
    return m;
  }
  void update(const Sgd& o, double g, double rate, bool decays) {
    const double mu = static_cast<double>(o.momentum), e = g + (decays ? static_cast<double>(o.decay) : 0.0) * w;
    past.push_back(e);
    w -= rate * (o.nesterov ? e + mu * momentum_at(mu) : momentum_at(mu));
  }
};

template <class B>
double furthest_from_closed_form(B& backend, const Sgd& optimizer) {
  using T = typename B::Scalar;
  ParamStore<T> store = fresh_store<T>();
  std::vector<OneElement> expected(to_size(params));
  for (Index i = 0; i < params; ++i) expected[to_size(i)].w = static_cast<double>(store.value[i]);
  double most = 0;
  for (Index step = 0; step < 12; ++step) {
    draw_gradients(store, step);
    const float rate = 0.01f * static_cast<float>(step + 1);
    for (Index i = 0; i < params; ++i)
      expected[to_size(i)].update(optimizer, static_cast<double>(store.grad[i]), static_cast<double>(rate),
                                  i < weights);
    optimizer.update(backend, store, rate);
    for (Index i = 0; i < params; ++i) {
      const OneElement& e = expected[to_size(i)];
      most = std::max(most, std::abs(static_cast<double>(store.value[i]) - e.w));
      most = std::max(most, std::abs(static_cast<double>(store.moment[0][i]) -
                                     e.momentum_at(static_cast<double>(optimizer.momentum))));
    }
  }
  for (const auto& e : store.entries) REQUIRE(e.step == 12);
  return most;
}

}  // namespace

TEST_CASE("several steps of SGD equal the closed form") {
  Reference<double> reference;
  Cpu cpu(2);
  const Sgd options[]{
      {}, {.nesterov = true}, {.momentum = 0, .decay = 0}, {.momentum = 0.5f, .nesterov = true, .decay = 0.3f}};
  for (const Sgd& o : options) {
    INFO("momentum " << o.momentum << ", nesterov " << o.nesterov << ", decay " << o.decay);
    CHECK(furthest_from_closed_form(reference, o) < 1e-13);
    CHECK(furthest_from_closed_form(cpu, o) < 3e-6);
  }
}

TEST_CASE("without momentum a step goes along the gradient, by the rate") {
  Reference<double> backend;
  for (const bool nesterov : {false, true}) {
    auto store = fresh_store<double>();
    const auto before = store.value;
    draw_gradients(store, 1);
    Sgd{.momentum = 0, .nesterov = nesterov, .decay = 0}.update(backend, store, 0.5f);
    for (Index i = 0; i < params; ++i) REQUIRE(store.value[i] == Approx(before[i] - 0.5 * store.grad[i]));
  }
}

TEST_CASE("decay is an L2 term of the loss: it goes through the momentum, on weights alone") {
  Reference<double> backend;
  auto store = fresh_store<double>();
  const auto before = store.value;
  const Sgd sgd{.momentum = 0.5f, .decay = 0.25f};
  sgd.update(backend, store, 0.5f);  // all gradients are 0
  sgd.update(backend, store, 0.f);   // the rate is 0, but the momentum remembers the decay
  for (Index i = 0; i < weights; ++i) {
    REQUIRE(store.value[i] == Approx(before[i] * (1 - 0.5 * 0.25)).epsilon(1e-12));
    REQUIRE(store.moment[0][i] == Approx(0.5 * 0.25 * before[i] + 0.25 * store.value[i]).epsilon(1e-12));
  }
  for (Index i = weights; i < params; ++i) {
    REQUIRE(store.value[i] == 2);
    REQUIRE(store.moment[0][i] == 0);
  }
}

TEST_CASE("SGD leaves state entries alone") {
  Reference<double> backend;
  ParamStore<double> store = sseg::detail::lay_out<double>(
      {{.key = "w", .shape = {3}}, {.key = "mean", .shape = {3}, .role = sseg::Role::state}}, Sgd::moments);
  store.state[0] = 5;
  store.grad[0] = 1;
  Sgd{}.update(backend, store, 0.1f);
  CHECK(store.value[0] != 0);
  CHECK(store.state[0] == 5);
  CHECK(store.at("w").step == 1);
  CHECK(store.at("mean").step == 0);
}

}  // namespace sgd_test

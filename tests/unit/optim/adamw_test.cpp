#include "sseg/optim/adamw.hpp"

#include <cmath>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/layer/linear.hpp"
#include "sseg/net/reseat.hpp"
#include "support/catch.hpp"

namespace adamw_test {

using sseg::AdamW;
using sseg::Cpu;
using sseg::Index;
using sseg::Linear;
using sseg::ParamStore;
using sseg::Reference;
using sseg::Rng;
using sseg::to_size;

static_assert(sseg::Optimizer<AdamW, Reference<double>, ParamStore<double>>);

namespace {

/// The update rule in double, one element at a time, with powers instead of any state but the moments.
struct OneElement {
  double w = 0, m = 0, v = 0;
  Index age = 0;
  void update(const AdamW& o, double g, double rate, bool decays) {
    const double b1 = static_cast<double>(o.beta1), b2 = static_cast<double>(o.beta2);
    ++age;
    m = b1 * m + (1 - b1) * g;
    v = b2 * v + (1 - b2) * g * g;
    const double m_hat = m / (1 - std::pow(b1, static_cast<double>(age)));
    const double v_hat = v / (1 - std::pow(b2, static_cast<double>(age)));
    const double decay = decays ? static_cast<double>(o.decay) : 0.0;
    w -= rate * m_hat / (std::sqrt(v_hat) + static_cast<double>(o.eps)) + rate * decay * w;
  }
};

constexpr Linear layer{.in = 7, .out = 5};
constexpr Index weights = 35, params = 40;

template <class T>
ParamStore<T> fresh_store() {
  return sseg::make_store<T>(layer, AdamW::moments, Rng(4));
}
template <class T>
std::vector<OneElement> mirror(const ParamStore<T>& store) {
  std::vector<OneElement> all(to_size(store.value.size()));
  for (Index i = 0; i < store.value.size(); ++i) all[to_size(i)].w = static_cast<double>(store.value[i]);
  return all;
}
/// Gradients of very different sizes, the same whatever the scalar.
template <class T>
void draw_gradients(ParamStore<T>& store, Index step) {
  Rng rng = Rng(17).split(static_cast<std::uint64_t>(step));
  for (T& g : store.grad) g = static_cast<T>(rng.normal() * std::exp(3 * rng.normal()));
}
template <class T>
double furthest(const ParamStore<T>& store, const std::vector<OneElement>& expected) {
  double most = 0;
  for (Index i = 0; i < store.value.size(); ++i) {
    const OneElement& e = expected[to_size(i)];
    most = std::max({most, std::abs(static_cast<double>(store.value[i]) - e.w),
                     std::abs(static_cast<double>(store.moment[0][i]) - e.m) / std::max(1.0, std::abs(e.m)),
                     std::abs(static_cast<double>(store.moment[1][i]) - e.v) / std::max(1.0, std::abs(e.v))});
  }
  return most;
}

template <class B>
double furthest_from_closed_form(B& backend, const AdamW& optimizer, int steps) {
  using T = typename B::Scalar;
  ParamStore<T> store = fresh_store<T>();
  std::vector<OneElement> expected = mirror(store);
  double most = 0;
  for (int step = 0; step < steps; ++step) {
    draw_gradients(store, step);
    const float rate = 0.01f * static_cast<float>(step + 1);
    for (Index i = 0; i < params; ++i)
      expected[to_size(i)].update(optimizer, static_cast<double>(store.grad[i]), static_cast<double>(rate),
                                  i < weights);
    optimizer.update(backend, store, rate);
    most = std::max(most, furthest(store, expected));
  }
  for (const auto& e : store.entries) REQUIRE(e.step == steps);
  return most;
}

}  // namespace

TEST_CASE("several steps of AdamW equal the closed form") {
  Reference<double> reference;
  Cpu cpu(2);
  const AdamW plain{}, strong{.beta1 = 0.5f, .beta2 = 0.9f, .eps = 1e-3f, .decay = 0.5f};
  for (const AdamW& o : {plain, strong}) {
    CHECK(furthest_from_closed_form(reference, o, 12) < 1e-13);
    CHECK(furthest_from_closed_form(cpu, o, 12) < 2e-6);
  }
}

TEST_CASE("decay shrinks weights and leaves biases alone") {
  Reference<double> backend;
  ParamStore<double> store = fresh_store<double>();
  for (double& b : store.values(store.at("net/bias"))) b = 2;
  const sseg::Buffer<double> before = store.value;
  AdamW{.decay = 0.25f}.update(backend, store, 0.5f);  // all gradients are 0
  for (Index i = 0; i < weights; ++i) REQUIRE(store.value[i] == Approx(before[i] * (1 - 0.5 * 0.25)).epsilon(1e-12));
  for (Index i = weights; i < params; ++i) REQUIRE(store.value[i] == 2);
}

TEST_CASE("state entries are not touched") {
  Reference<double> backend;
  ParamStore<double> store = sseg::detail::lay_out<double>(
      {{.key = "w", .shape = {3}}, {.key = "mean", .shape = {3}, .role = sseg::Role::state}}, AdamW::moments);
  store.state[0] = 5;
  store.grad[0] = 1;
  AdamW{}.update(backend, store, 0.1f);
  CHECK(store.value[0] != 0);
  CHECK(store.state[0] == 5);
  CHECK(store.at("w").step == 1);
  CHECK(store.at("mean").step == 0);
}

namespace {

/// 1000 steps of the whole weight, then every third element starts anew (zero moments) as a cohort of its own.
template <class B>
ParamStore<typename B::Scalar> widened(B& backend, std::vector<OneElement>& expected) {
  using T = typename B::Scalar;
  const AdamW optimizer{};
  ParamStore<T> store = fresh_store<T>();
  expected = mirror(store);
  for (Index step = 0; step < 1000; ++step) {
    draw_gradients(store, step);
    for (Index i = 0; i < params; ++i)
      expected[to_size(i)].update(optimizer, static_cast<double>(store.grad[i]), double{1e-3f}, i < weights);
    optimizer.update(backend, store, 1e-3f);
  }
  auto& entry = store.at("net/weight");
  entry.cohort.assign(to_size(weights), 0);
  entry.cohort_start = {0, entry.step};
  for (Index i = 0; i < weights; i += 3) {
    entry.cohort[to_size(i)] = 1;
    store.moment[0][i] = store.moment[1][i] = 0;
    expected[to_size(i)] = {static_cast<double>(store.value[i]), 0, 0, 0};
  }
  return store;
}

}  // namespace

TEST_CASE("elements that joined late get the bias correction of their own age") {
  const AdamW optimizer{};
  const auto run = [&](auto&& backend, double tolerance) {
    std::vector<OneElement> expected;
    auto store = widened(backend, expected);
    for (Index step = 1000; step < 1006; ++step) {
      draw_gradients(store, step);
      for (Index i = 0; i < params; ++i)
        expected[to_size(i)].update(optimizer, static_cast<double>(store.grad[i]), double{1e-3f}, i < weights);
      optimizer.update(backend, store, 1e-3f);
      CHECK(furthest(store, expected) < tolerance);
    }
  };
  run(Reference<double>(), 1e-12);
  run(Cpu(2), 1e-4);
}

TEST_CASE("the first update of a newborn element is at most the rate, in a tensor 1000 steps old") {
  AdamW optimizer{};
  optimizer.decay = 0;
  const auto run = [&](auto&& backend) {
    std::vector<OneElement> unused;
    auto store = widened(backend, unused);
    auto without = store;
    without.at("net/weight").cohort.clear();
    draw_gradients(store, 2000);
    without.grad = store.grad;
    const auto before = store.value;
    optimizer.update(backend, store, 1e-3f);
    optimizer.update(backend, without, 1e-3f);
    double most_without = 0;
    for (Index i = 0; i < weights; ++i) {
      const double moved = std::abs(static_cast<double>(store.value[i] - before[i]));
      if (i % 3 == 0) {
        CHECK(moved <= 1e-3 * 1.001);
        CHECK(moved > 0.99e-3);
        most_without = std::max(most_without, std::abs(static_cast<double>(without.value[i] - before[i])));
      } else {
        CHECK(store.value[i] == without.value[i]);  // the elders go on undisturbed
      }
    }
    CHECK(most_without > 2e-3);  // what it would be with the age of the tensor
  };
  run(Reference<double>());
  run(Cpu(2));
}

}  // namespace adamw_test

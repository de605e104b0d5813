#include "sseg/curriculum/feature_attack.hpp"

#include <cmath>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/curriculum/synthetic_generator.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/away.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace feature_attack_test {

using namespace sseg;

namespace {

constexpr Index side = 12, pictures = 5;

/// A seed net with random weights and running statistics away from their start.
template <class T>
auto some_net() {
  auto net = SeedNetwork{.initial_channels = 6, .num_blocks = 2}.build({side, side, 3});
  auto store = make_store<T>(net, 0, Rng(4));
  Rng rng(9);
  for (T& v : store.state) v += static_cast<T>(rng.uniform(0.f, 0.2f));
  return std::pair{net, store};
}

template <class T>
Buffer<T> some_pictures() {
  std::vector<float> one(side * side * 3);
  Buffer<T> x(pictures * side * side * 3);
  for (Index i = 0; i < pictures; ++i) {
    SyntheticGenerator{.level = 3, .side = side}.read(i, {one.data(), {side, side, 3}});
    std::copy(one.begin(), one.end(), x.data() + i * side * side * 3);
  }
  return x;
}

/// 1 - cos between the features of row i of two batches.
template <class B, class Net, class T>
std::vector<double> distances(B& backend, const Net& net, const ParamStore<T>& store, Buffer<T>& a, Buffer<T>& b) {
  Trace<T> first, second;
  const Shape shape{pictures, side, side, 3};
  const auto y = first.infer(backend, net, store, View<const T>{a.data(), shape});
  const auto z = second.infer(backend, net, store, View<const T>{b.data(), shape});
  const Index dim = y.shape.count() / pictures;
  std::vector<double> d;
  for (Index i = 0; i < pictures; ++i) {
    double yy = 0, zz = 0, yz = 0;
    for (Index j = i * dim; j < (i + 1) * dim; ++j) {
      const auto u = static_cast<double>(y.data[j]), v = static_cast<double>(z.data[j]);
      yy += u * u, zz += v * v, yz += u * v;
    }
    d.push_back(1 - yz / std::sqrt(yy * zz));
  }
  return d;
}

}  // namespace

TEST_CASE("an attack moves features much farther than noise of the same size, and stays within its limits") {
  auto [net, store] = some_net<float>();
  Cpu cpu(2);
  Buffer<float> clean = some_pictures<float>(), attacked = clean, noisy = clean;
  const FeatureAttackConfig config{.epsilon = 0.03f, .step_size = 0.01f, .steps = 8};
  const Shape shape{pictures, side, side, 3};
  FeatureAttack(net, store, config).run(cpu, View<float>{attacked.data(), shape}, Rng(3));
  Rng rng(5);
  for (float& v : noisy) v = std::clamp(v + (rng.chance(0.5f) ? 0.03f : -0.03f), 0.f, 1.f);
  const auto by_attack = distances(cpu, net, store, clean, attacked);
  const auto by_noise = distances(cpu, net, store, clean, noisy);
  for (std::size_t i = 0; i < pictures; ++i) CHECK(by_attack[i] > 4 * by_noise[i]);
  for (Index i = 0; i < clean.size(); ++i) {
    REQUIRE(std::abs(attacked[i] - clean[i]) <= 0.03f + 1e-6f);
    REQUIRE((attacked[i] >= 0 && attacked[i] <= 1));
  }
}

TEST_CASE("an attack is the same where the net's tensors lie away from the host") {
  auto [net, store] = some_net<float>();
  Buffer<float> here = some_pictures<float>(), there = here;
  const Shape shape{pictures, side, side, 3};
  const FeatureAttackConfig config{.epsilon = 0.03f, .step_size = 0.01f, .steps = 4};
  Cpu cpu(2);
  Away<Cpu> away(2);
  FeatureAttack(net, store, config).run(cpu, View<float>{here.data(), shape}, Rng(3));
  FeatureAttack(net, store, config).run(away, View<float>{there.data(), shape}, Rng(3));
  CHECK(here == there);
}

TEST_CASE("one step of an attack follows the sign of the finite difference") {
  auto [net, store] = some_net<double>();
  Reference<double> backend;
  const Shape shape{pictures, side, side, 3};
  Buffer<double> clean = some_pictures<double>(), start = clean, stepped = clean;
  FeatureAttack(net, store, {.epsilon = 0.05f, .step_size = 0.001f, .steps = 0})
      .run(backend, View<double>{start.data(), shape}, Rng(3));
  FeatureAttack(net, store, {.epsilon = 0.05f, .step_size = 0.001f, .steps = 1})
      .run(backend, View<double>{stepped.data(), shape}, Rng(3));
  const Index one = side * side * 3;
  int compared = 0;
  for (Index k = 0; k < 60; ++k) {
    const Index i = k * 37 % start.size(), row = i / one;
    if (std::abs(stepped[i] - start[i]) < 0.0009) continue;  // at a limit
    Buffer<double> up = start, down = start;
    up[i] += 1e-5, down[i] -= 1e-5;
    const double slope = distances(backend, net, store, clean, up)[to_size(row)] -
                         distances(backend, net, store, clean, down)[to_size(row)];
    if (std::abs(slope) < 1e-10) continue;
    CHECK((stepped[i] > start[i]) == (slope > 0));
    ++compared;
  }
  CHECK(compared > 30);
}

TEST_CASE("a picture is changed alike whatever lies beside it, and on any number of threads") {
  auto [net, store] = some_net<float>();
  Buffer<float> all = some_pictures<float>(), again = all, clean = all;
  Cpu one(1), three(3);
  FeatureAttack attack(net, store);
  attack.run(one, View<float>{all.data(), {pictures, side, side, 3}}, Rng(3));
  attack.run(three, View<float>{again.data(), {pictures, side, side, 3}}, Rng(3));
  CHECK(all == again);
  Buffer<float> last(2 * side * side * 3);
  std::copy_n(clean.data() + 3 * side * side * 3, last.size(), last.data());
  attack.run(one, View<float>{last.data(), {2, side, side, 3}}, Rng(3), 3);
  for (Index i = 0; i < last.size(); ++i) REQUIRE(last[i] == all[3 * side * side * 3 + i]);
}

TEST_CASE("attacks that make no sense are refused") {
  const auto made = some_net<float>();
  for (const FeatureAttackConfig& c :
       {FeatureAttackConfig{.epsilon = -0.1f}, FeatureAttackConfig{.step_size = 0}, FeatureAttackConfig{.steps = -1}})
    CHECK_THAT(sseg_test::message_of([&] { FeatureAttack(made.first, made.second, c); }),
               sseg_test::Contains("sizes of the attack"));
}

}  // namespace feature_attack_test

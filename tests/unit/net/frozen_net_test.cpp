#include "sseg/net/frozen_net.hpp"

#include <optional>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/prefer.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/net/trace.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"

namespace frozen_net_test {

using namespace sseg;

namespace {

using Net = EvolvableCnn<>;

Net make_net() {
  Net net = SeedNetwork{.initial_channels = 16, .num_blocks = 3}.build({20, 20, 3});
  residuals(stages(net)[1]).push_back(make_identity_block(16));
  return net;
}
template <class T>
ParamStore<T> make_weights(const Net& net, std::uint64_t seed) {
  auto store = make_store<T>(net, 2, Rng(seed));
  Rng rng(seed + 1);
  for (T& v : store.value) v += static_cast<T>(0.1) * static_cast<T>(rng.normal());
  for (T& v : store.state) v += static_cast<T>(0.1) * static_cast<T>(rng.uniform());
  return store;
}
template <class T>
std::vector<T> pictures(Index n, std::uint64_t seed) {
  std::vector<T> x(to_size(n * 20 * 20 * 3));
  Rng rng(seed);
  for (T& v : x) v = static_cast<T>(rng.uniform());
  return x;
}
Shape shape(Index n) { return {n, 20, 20, 3}; }

template <class B>
void gives_the_bits_of_infer(B& backend) {
  using T = typename B::Scalar;
  const Net net = make_net();
  const auto store = make_weights<T>(net, 1);
  FrozenNet<B, Net> frozen(backend, net, store);
  Trace<T> trace;
  for (const Index n : {1, 3, 1, 9, 2}) {
    const auto x = pictures<T>(n, 5);
    const View<const T> expected = trace.infer(backend, net, store, {x.data(), shape(n)});
    const View<const T> y = frozen({x.data(), shape(n)});
    REQUIRE(y.shape == expected.shape);
    CHECK(std::equal(y.data, y.data + y.shape.count(), expected.data));
  }
}

}  // namespace

TEST_CASE("a frozen net gives the bits of inference") {
  Cpu cpu(2), direct(CpuOptions{.threads = 1, .winograd = false});
  gives_the_bits_of_infer(cpu);
  gives_the_bits_of_infer(direct);
  Prefer<Cpu, Reference<float>> mixed;
  gives_the_bits_of_infer(mixed);
  static_assert(Freezes<Prefer<Cpu, Reference<float>>> && !Freezes<Prefer<Reference<float>, Reference<float>>>);
  Reference<double> reference;  // which cannot freeze
  static_assert(Freezes<Cpu> && !Freezes<Reference<double>>);
  gives_the_bits_of_infer(reference);
}

TEST_CASE("a backend makes the forms of frozen weights once, and lets them go with the net") {
  Cpu cpu(1);
  const auto x = pictures<float>(4, 5);
  {
    std::optional<FrozenNet<Cpu, Net>> first(std::in_place, cpu, make_net(), make_weights<float>(make_net(), 1));
    CHECK(cpu.frozen().size() == 0);
    (*first)({x.data(), shape(1)});
    const Index one = cpu.frozen().size();
    CHECK(one >= 9 * (3 * 16 + 3 * 16 * 16));
    (*first)({x.data(), shape(4)});  // any number of pictures reads the same
    CHECK(cpu.frozen().size() == one);
    FrozenNet<Cpu, Net> second(cpu, make_net(), make_weights<float>(make_net(), 2));
    second({x.data(), shape(1)});
    CHECK(cpu.frozen().size() == 2 * one);
    const FrozenNet<Cpu, Net> moved = std::move(second);
    CHECK(cpu.frozen().size() == 2 * one);
    first.reset();
    CHECK(cpu.frozen().size() == one);
  }
  CHECK(cpu.frozen().size() == 0);
}

TEST_CASE("a frozen net allocates nothing for pictures no more than before") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  Cpu cpu(2);
  FrozenNet<Cpu, Net> net(cpu, make_net(), make_weights<float>(make_net(), 1));
  const auto x = pictures<float>(4, 5);
  net({x.data(), shape(4)});
  const long before = malloc_count();
  for (const Index n : {1, 4, 3, 2}) net({x.data(), shape(n)});
  CHECK(malloc_count() == before);
  // Another size may need other forms, once.
  const Shape small{4, 12, 12, 3};
  net({x.data(), small});
  const long known = malloc_count();
  for (const Shape& s : {shape(4), small, shape(1)}) net({x.data(), s});
  CHECK(malloc_count() == known);
}

TEST_CASE("a frozen net serves pictures of several sizes, also after one that was refused") {
  Cpu cpu(1);
  using Pooled = EvolvableCnn<GlobalPool>;
  Pooled net = SeedNetwork{.initial_channels = 16, .num_blocks = 3}.build<GlobalPool>({20, 20, 3});
  const auto store = make_store<float>(net, 0, Rng(1));
  FrozenNet<Cpu, Pooled> frozen(cpu, net, store);
  Trace<float> trace;
  const auto x = pictures<float>(4, 5);
  for (const Index side : {20, 32, 9, 20, 32}) {
    const View<const float> in{x.data(), {1, side, side, 3}};
    const auto expected = trace.infer(cpu, net, store, in);
    CHECK(std::equal(expected.data, expected.data + 16, frozen(in).data));
    CHECK_THROWS_AS(frozen({x.data(), {1, 2, 2, 3}}), Error);  // pooling leaves nothing
    CHECK_THROWS_AS(frozen({x.data(), {1, 8, 8, 1}}), Error);
    CHECK(std::equal(expected.data, expected.data + 16, frozen(in).data));
  }
}

TEST_CASE("weights thaw with the last hold on them") {
  FrozenWeights frozen;
  std::vector<float> a(8), b(8);
  int made = 0;
  const auto form = [&](const std::vector<float>& w, int kind) {
    return frozen.form({w.data() + 2, kind, 3, 1, 1}, 5, [&](float* to) { to[4] = static_cast<float>(++made); });
  };
  CHECK(form(a, 0) == nullptr);
  FrozenWeights::Hold kept;
  {
    const auto hold = frozen.freeze(a);
    kept = frozen.freeze(a);
    const auto other = frozen.freeze(b);
    CHECK(form(a, 0)[4] == 1);
    CHECK(form(a, 0)[4] == 1);
    CHECK(form(a, 1)[4] == 2);
    CHECK(form(b, 0)[4] == 3);
    CHECK(frozen.size() == 15);
    CHECK_FALSE(frozen.covers(a.data() + 8));
  }
  CHECK(frozen.covers(a.data() + 7));
  CHECK_FALSE(frozen.covers(b.data()));
  CHECK(frozen.size() == 10);
  CHECK(form(a, 0)[4] == 1);
  kept = {};
  CHECK(frozen.size() == 0);
  CHECK(form(a, 0) == nullptr);
}

}  // namespace frozen_net_test

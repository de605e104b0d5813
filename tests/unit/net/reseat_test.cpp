#include "sseg/net/reseat.hpp"

#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/catch.hpp"

namespace reseat_test {

using namespace sseg;

namespace {
EvolvableCnn<> seed() { return SeedNetwork{.initial_channels = 4, .num_blocks = 2}.build({8, 8, 1}); }
}  // namespace

TEST_CASE("Entries lie one after the other and add up to the net's counts") {
  const auto net = seed();
  const auto store = make_store<float>(net, 2, Rng(1));
  Index params = 0, states = 0;
  for (const auto& e : store.entries) {
    Index& end = e.is_param() ? params : states;
    CHECK(e.offset == end);
    end += e.count();
  }
  CHECK(params == net.param_count());
  CHECK(store.value.size() == params);
  CHECK(store.moment.size() == 2);
  CHECK(store.state.size() == states);
}

TEST_CASE("Weights decay, norms and biases do not") {
  for (const auto& e : make_store<float>(seed(), 0, Rng(1)).entries)
    CHECK(e.desc.decay == e.desc.key.ends_with("/weight"));
}

TEST_CASE("Initial weights depend on seed and key alone, with the standard deviation of He et al.") {
  const auto a = make_store<float>(seed(), 0, Rng(1)), b = make_store<float>(seed(), 0, Rng(1));
  CHECK(a.value == b.value);
  CHECK_FALSE(a.value == make_store<float>(seed(), 0, Rng(2)).value);
  const Conv2d wide{.in = 64, .out = 64};
  const auto store = make_store<float>(wide, 0, Rng(3));
  double squares = 0;
  for (const float v : store.value) squares += static_cast<double>(v) * static_cast<double>(v);
  CHECK(std::sqrt(squares / static_cast<double>(store.value.size())) ==
        Approx(std::sqrt(2.0 / (9 * 64))).epsilon(0.02));
}

TEST_CASE("A block put in front moves every offset behind it, and nothing else") {
  auto net = seed();
  auto old = make_store<float>(net, 1, Rng(1));
  for (Index i = 0; i < old.moment[0].size(); ++i) old.moment[0][i] = static_cast<float>(i);
  for (auto& e : old.entries)
    if (e.is_param()) e.step = 17;
  residuals(stages(net)[0]).push_back(make_identity_block(4));
  const auto fresh = reseat(old, net, 1, Rng(2));
  for (const auto& e : old.entries) {
    const auto& now = fresh.at(e.desc.key);
    CHECK(std::ranges::equal(old.values(e), fresh.values(now)));
    CHECK(now.step == e.step);
    if (e.is_param()) CHECK(fresh.moment[0][now.offset] == old.moment[0][e.offset]);
  }
  CHECK(fresh.at("net/0/#0/1/#0/0/0/weight").step == 0);
  CHECK(fresh.entries.size() == old.entries.size() + 5);
}

TEST_CASE("An unknown key is an error that names it") {
  const auto store = make_store<float>(seed(), 0, Rng(1));
  try {
    store.at("net/nowhere");
    FAIL("no error");
  } catch (const Error& e) {
    CHECK(std::string(e.what()).find("net/nowhere") != std::string::npos);
  }
}

}  // namespace reseat_test

#include "sseg/nase/importance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/nase/any_criterion.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/nase/small_net.hpp"

namespace importance_test {

using namespace sseg;

namespace {

ParamStore<float> with_gradient(std::uint64_t seed) {
  auto store = small_net::used_store<float>(small_net::make(), 1);
  const auto g = small_net::draw<float>(store.grad.size(), seed);
  std::ranges::copy(g, store.grad.begin());
  return store;
}

double product(const ParamStore<float>& s, Index i) {
  return static_cast<double>(s.grad[i]) * static_cast<double>(s.value[i]);
}

/// The score of one weight as its paper says, in double and from scratch.
double slow_score(const std::string& kind, const ParamStore<float>& s, const ParamStore<float>::Entry& e, Index i) {
  const Index at = e.offset + i;
  if (kind == "gradient") return std::abs(static_cast<double>(s.grad[at]));
  if (kind == "taylor") return product(s, at) * product(s, at);
  if (kind == "magnitude") return std::abs(static_cast<double>(s.value[at]));
  if (kind == "snip") {
    double total = 0;
    for (const auto& other : s.entries)
      if (other.desc.shape.rank == 4)
        for (Index j = 0; j < other.count(); ++j) total += std::abs(product(s, other.offset + j));
    return std::abs(product(s, at)) / total;
  }
  const std::string norm = e.desc.key.substr(0, e.desc.key.size() - std::string("0/weight").size()) + "1";
  const Index o = i % e.desc.shape[3];
  const double gate = product(s, s.at(norm + "/gamma").offset + o) + product(s, s.at(norm + "/beta").offset + o);
  return gate * gate;
}

}  // namespace

TEST_CASE("Every criterion is what its paper says") {
  const auto store = with_gradient(5);
  for (const std::string kind : {"gradient", "taylor", "taylor_gate", "magnitude", "snip"}) {
    INFO(kind);
    ImportanceScorer<AnyCriterion> scorer{AnyCriterion(kind)};
    scorer.observe(store);
    REQUIRE(scorer.values().size() == store.value.span().size());
    for (const auto& e : store.entries) {
      if (!e.is_param()) continue;
      const bool prunable = e.desc.shape.rank == 4;
      for (Index i = 0; i < e.count(); ++i) {
        const double expected = prunable ? slow_score(kind, store, e, i) : 0.0;
        const auto got = static_cast<double>(scorer.values()[to_size(e.offset + i)]);
        if (std::abs(got - expected) > 1e-5 * expected + 1e-12) FAIL_CHECK(e.desc.key << " " << i);
      }
    }
  }
}

TEST_CASE("The gate of a kernel without norm is the sum over its filter") {
  const auto net = chain(Conv2d{.in = 2, .out = 3}, Relu{});
  auto store = make_store<float>(net, 0, Rng(3));
  std::ranges::copy(small_net::draw<float>(store.grad.size(), 4), store.grad.begin());
  ImportanceScorer<TaylorGate> scorer({}, 0.9, "net/");
  scorer.observe(store);
  for (Index o = 0; o < 3; ++o) {
    double sum = 0;
    for (Index r = 0; r < 18; ++r) sum += product(store, r * 3 + o);
    for (Index r = 0; r < 18; ++r)
      CHECK(static_cast<double>(scorer.values()[to_size(r * 3 + o)]) == Approx(sum * sum).epsilon(1e-5));
  }
}

TEST_CASE("Behind a batch norm the loss does not change along a filter, which is why the gate is not there") {
  Reference<double> backend;
  const auto net = small_net::make();
  auto store = small_net::used_store<double>(net, 1);
  small_net::pass(backend, net, store, 9);
  for (const auto& t : prunable_tensors(store, "net/0/"))
    for (Index o = 0; o < t.channels(); ++o) {
      double sum = 0, size = 0;
      for (Index i = t.offset + o; i < t.offset + t.count(); i += t.channels()) {
        sum += store.grad[i] * store.value[i];
        size += std::abs(store.grad[i] * store.value[i]);
      }
      CHECK(std::abs(sum) <= 1e-3 * size + 1e-12);
    }
}

TEST_CASE("The average starts at the first score and moves by 1 − b") {
  ImportanceScorer<GradientMagnitude> scorer({}, 0.75);
  const auto first = with_gradient(1), second = with_gradient(2);
  scorer.observe(first);
  const Index at = scorer.tensors()[1].offset + 4;
  CHECK(scorer.values()[to_size(at)] == std::abs(first.grad[at]));
  scorer.observe(second);
  CHECK(scorer.values()[to_size(at)] == Approx(0.75f * std::abs(first.grad[at]) + 0.25f * std::abs(second.grad[at])));
  ImportanceScorer<Magnitude> latest({}, 0.75);
  auto scaled = first;
  latest.observe(first);
  for (float& v : scaled.value) v *= 2;
  latest.observe(scaled);
  CHECK(latest.values()[to_size(at)] == 2 * std::abs(first.value[at]));
}

TEST_CASE("Random scores stay, depend on seed and key alone, and are spread evenly") {
  const auto store = with_gradient(1);
  ImportanceScorer<RandomScore> a{RandomScore{7}}, b{RandomScore{7}}, other{RandomScore{8}};
  a.observe(store);
  const std::vector<float> once(a.values().begin(), a.values().end());
  a.observe(with_gradient(2));
  CHECK(std::ranges::equal(once, a.values()));
  b.observe(with_gradient(3));
  CHECK(std::ranges::equal(once, b.values()));
  other.observe(store);
  CHECK_FALSE(std::ranges::equal(once, other.values()));

  // A stage put in front moves the tensors, and not their scores.
  auto grown = small_net::make();
  residuals(stages(std::get<0>(grown.layers))[0]).push_back(make_identity_block(5));
  const auto larger = reseat(store, grown, 0, Rng(1));
  ImportanceScorer<RandomScore> fresh{RandomScore{7}};
  fresh.observe(larger);
  a.observe(larger);
  CHECK(std::ranges::equal(fresh.values(), a.values()));
  const auto& last = a.tensors().back();
  CHECK(std::equal(once.end() - 6 * 4 - 4, once.end(), a.values().end() - 6 * 4 - 4));
  const Index before = store.at(last.key).offset;
  CHECK(before != last.offset);
  CHECK(std::equal(once.begin() + before, once.begin() + before + last.count(), a.values().begin() + last.offset));
  const auto& twin = a.tensors()[a.tensors().size() - 2];  // same shape, other key
  CHECK(twin.shape == last.shape);
  CHECK_FALSE(std::equal(a.values().begin() + twin.offset, a.values().begin() + twin.offset + twin.count(),
                         a.values().begin() + last.offset));
  double mean = 0;
  for (Index i = 0; i < last.count(); ++i) mean += static_cast<double>(a.values()[to_size(last.offset + i)]);
  CHECK(mean / static_cast<double>(last.count()) == Approx(0.5).margin(0.05));
}

TEST_CASE("Averages survive the widening of another tensor, resized ones restart") {
  ImportanceScorer<TaylorWeight> scorer;
  auto store = with_gradient(1);
  scorer.observe(store);
  std::map<std::string, std::vector<float>> before;
  for (const auto& t : scorer.tensors()) {
    const auto piece = scorer.values().subspan(to_size(t.offset), to_size(t.count()));
    before[t.key].assign(piece.begin(), piece.end());
  }
  const auto wide = small_net::make(6, 7);  // stage 0 widened: its kernels and what reads it
  auto fresh = reseat(store, wide, 2, Rng(2));
  CHECK(scorer.align(fresh));
  CHECK_FALSE(scorer.align(fresh));
  Index kept = 0;
  for (const auto& t : scorer.tensors()) {
    INFO(t.key);
    const auto piece = scorer.values().subspan(to_size(t.offset), to_size(t.count()));
    const bool same = t.key.find("#1/1/") != std::string::npos;
    kept += same;
    CHECK(scorer.seen(t) == same);
    if (same)
      CHECK(std::ranges::equal(piece, before[t.key]));
    else
      CHECK(std::ranges::all_of(piece, [](float v) { return v == -1; }));
  }
  CHECK(kept == 2);

  // Restarted tensors take their first score as it is, the others average on.
  std::ranges::copy(small_net::draw<float>(fresh.grad.size(), 8), fresh.grad.begin());
  scorer.observe(fresh);
  for (const auto& t : scorer.tensors()) {
    const auto i = to_size(t.offset + 3);
    const auto gw = fresh.grad[t.offset + 3] * fresh.value[t.offset + 3];
    const float expected =
        t.key.find("#1/1/") != std::string::npos ? 0.9f * before[t.key][3] + 0.1f * gw * gw : gw * gw;
    CHECK(scorer.values()[i] == Approx(expected));
  }
}

TEST_CASE("A restored scorer goes on as the first would have") {
  ImportanceScorer<TaylorGate> a, b;
  a.observe(with_gradient(1));
  b.restore(with_gradient(1), a.values());
  a.observe(with_gradient(2));
  b.observe(with_gradient(2));
  CHECK(std::ranges::equal(a.values(), b.values()));
  CHECK_THAT(sseg_test::message_of([&] { b.restore(with_gradient(1), a.values().first(3)); }),
             sseg_test::Contains("another net"));
}

TEST_CASE("Scoring allocates nothing after the first step") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  const auto store = with_gradient(1);
  for (const std::string kind : {"gradient", "taylor", "taylor_gate", "magnitude", "snip", "random"}) {
    INFO(kind);
    ImportanceScorer<AnyCriterion> scorer{AnyCriterion(kind)};
    scorer.observe(store);
    const long before = malloc_count();
    for (int i = 0; i < 5; ++i) scorer.observe(store);
    CHECK(malloc_count() - before == 0);
  }
}

TEST_CASE("A criterion chosen by name is that criterion, and an unknown name is told the choices") {
  const auto store = with_gradient(1);
  const auto same = [&](auto criterion) {
    ImportanceScorer<decltype(criterion)> own{criterion};
    ImportanceScorer<AnyCriterion> any{AnyCriterion(std::string(criterion.name), 7)};
    own.observe(store);
    any.observe(store);
    CHECK(any.criterion().chosen() == criterion.name);
    CHECK(any.criterion().memory() == criterion.memory());
    CHECK(any.criterion().channel_score() == criterion.channel_score());
    return std::ranges::equal(own.values(), any.values());
  };
  CHECK(same(GradientMagnitude{}));
  CHECK(same(TaylorWeight{}));
  CHECK(same(TaylorGate{}));
  CHECK(same(Magnitude{}));
  CHECK(same(Snip{}));
  CHECK(same(RandomScore{7}));
  for (const char* choice : {"'best'", "gradient", "taylor", "taylor_gate", "magnitude", "snip", "random"})
    CHECK_THAT(sseg_test::message_of([] { AnyCriterion("best"); }), sseg_test::Contains(choice));
  CHECK_THAT(sseg_test::message_of([] { ImportanceScorer<Snip>({}, 1.0); }), sseg_test::Contains("momentum"));
}

TEST_CASE("SNIP without any gradient scores 0 and not NaN") {
  auto store = with_gradient(1);
  store.zero_grad();
  ImportanceScorer<Snip> scorer;
  scorer.observe(store);
  CHECK(std::ranges::all_of(scorer.values(), [](float v) { return v == 0; }));
}

}  // namespace importance_test

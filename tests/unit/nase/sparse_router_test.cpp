#include "sseg/nase/sparse_router.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/nase/small_net.hpp"

namespace sparse_router_test {

using namespace sseg;

namespace {

using Scorer = ImportanceScorer<AnyCriterion>;

RouterConfig at_once(std::string unit, std::string scope, double keep) {
  RouterConfig c;
  c.unit = std::move(unit);
  c.scope = std::move(scope);
  c.keep = keep;
  c.ramp_steps = 0;
  c.update_every = 1;
  return c;
}

ParamStore<float> scored_store(std::uint64_t seed) {
  auto store = small_net::used_store<float>(small_net::make(), 1);
  std::ranges::copy(small_net::draw<float>(store.grad.size(), seed), store.grad.begin());
  return store;
}

Scorer observed(const ParamStore<float>& store, const std::string& kind) {
  Scorer s{AnyCriterion(kind, 3)};
  s.observe(store);
  return s;
}

Index kept_weights(const SparseRouter& r, const PrunableTensor& t) {
  Index n = 0;
  for (Index i = t.offset; i < t.offset + t.count(); ++i) n += r.masks().on(Path::positive, i);
  return n;
}

}  // namespace

TEST_CASE("The masks are complementary on prunable weights, and everything else is on both paths") {
  const auto store = scored_store(5);
  for (const char* unit : {"weight", "channel"}) {
    auto scorer = observed(store, "taylor");
    SparseRouter router(at_once(unit, "global", 0.4));
    CHECK(router.update(store, scorer, 0));
    for (const auto& e : store.entries) {
      if (!e.is_param()) continue;
      const bool prunable = e.desc.shape.rank == 4;
      const bool norm = e.desc.key.ends_with("/gamma") || e.desc.key.ends_with("/beta");
      for (Index i = e.offset; i < e.offset + e.count(); ++i) {
        const int plus = router.masks().on(Path::positive, i), minus = router.masks().on(Path::negative, i);
        const int expected = prunable || (norm && std::string(unit) == "channel") ? 1 : 2;
        if (plus + minus != expected) FAIL_CHECK(e.desc.key << " " << i);
        CHECK(router.masks().masked(i) == (expected == 1));
      }
    }
  }
}

TEST_CASE("Weights against the whole net: exactly the lowest go, found by sorting them all") {
  const auto store = scored_store(6);
  for (const double keep : {0.9, 0.5, 0.13, 0.02}) {
    auto scorer = observed(store, "gradient");
    SparseRouter router(at_once("weight", "global", keep));
    router.update(store, scorer, 0);
    std::vector<Index> all;
    std::set<Index> best;
    for (const auto& t : router.layers()) {
      Index top = t.offset;
      for (Index i = t.offset; i < t.offset + t.count(); ++i) {
        all.push_back(i);
        if (scorer.values()[to_size(i)] > scorer.values()[to_size(top)]) top = i;
      }
      best.insert(top);
    }
    const auto n = static_cast<Index>(all.size());
    const Index removed = static_cast<Index>(std::floor((1 - keep) * static_cast<double>(n) + 1e-6));
    std::stable_sort(all.begin(), all.end(),
                     [&](Index a, Index b) { return scorer.values()[to_size(a)] > scorer.values()[to_size(b)]; });
    std::stable_partition(all.begin(), all.end(), [&](Index i) { return best.count(i) > 0; });
    for (Index k = 0; k < n; ++k)
      if (router.masks().on(Path::positive, all[to_size(k)]) != (k < n - removed)) FAIL_CHECK("rank " << k);
    CHECK(router.units() == n);
    CHECK(router.units_kept() == n - removed);
  }
}

TEST_CASE("Against their own layer every kernel, or stage, keeps its exact share") {
  const auto store = scored_store(7);
  for (const double keep : {0.9, 0.7, 0.5, 0.3, 0.1}) {
    auto scorer = observed(store, "taylor");
    SparseRouter weights(at_once("weight", "layer", keep)), channels(at_once("channel", "layer", keep));
    weights.update(store, scorer, 0);
    channels.update(store, scorer, 0);
    for (std::size_t l = 0; l < weights.layers().size(); ++l) {
      const auto& t = weights.layers()[l];
      const Index kept = t.count() - static_cast<Index>(std::floor((1 - keep) * static_cast<double>(t.count()) + 1e-6));
      CHECK(kept_weights(weights, t) == kept);
      CHECK(weights.layer_keep_ratios()[l] == Approx(static_cast<double>(kept) / static_cast<double>(t.count())));
      const Index filters =
          t.channels() - static_cast<Index>(std::floor((1 - keep) * static_cast<double>(t.channels()) + 1e-6));
      CHECK(kept_weights(channels, t) == std::max<Index>(1, filters) * t.filter_size());
    }
  }
}

TEST_CASE("One unit of every layer stays, however low it scores") {
  auto store = scored_store(8);
  for (const auto& e : store.entries)  // the first stage matters nothing
    if (e.desc.key.find("/#0/0/0/weight") != std::string::npos)
      std::fill_n(store.grad.data() + e.offset, e.count(), 0.f);
  for (const char* unit : {"weight", "channel"})
    for (const char* scope : {"global", "layer"}) {
      INFO(unit << " " << scope);
      auto scorer = observed(store, "taylor");
      SparseRouter router(at_once(unit, scope, 1e-9));
      router.update(store, scorer, 0);
      const bool weights = std::string(unit) == "weight";
      CHECK(router.units_kept() == (weights ? 5 : 2));
      for (const auto& t : router.layers()) CHECK(kept_weights(router, t) == (weights ? 1 : t.filter_size()));
    }
}

TEST_CASE("Of equal scores the earlier stays") {
  auto store = scored_store(9);
  for (float& g : store.grad) g = 1;
  auto scorer = observed(store, "gradient");
  SparseRouter router(at_once("weight", "layer", 0.5));
  router.update(store, scorer, 0);
  for (const auto& t : router.layers())
    for (Index i = 0; i < t.count(); ++i)
      if (router.masks().on(Path::positive, t.offset + i) != (i < t.count() - t.count() / 2)) FAIL_CHECK(i);
  SparseRouter channels(at_once("channel", "layer", 0.5));
  channels.update(store, scorer, 0);
  for (const auto& t : channels.layers())
    for (Index i = 0; i < t.count(); ++i)
      if (channels.masks().on(Path::positive, t.offset + i) != (i % t.channels() < t.channels() - t.channels() / 2))
        FAIL_CHECK(i);
}

TEST_CASE("A channel is one unit through its stage: filters of all kernels, gamma and beta of all norms") {
  const auto store = scored_store(10);
  for (const std::string kind : {"taylor", "taylor_gate", "random"}) {
    INFO(kind);
    auto scorer = observed(store, kind);
    SparseRouter router(at_once("channel", "global", 0.5));
    router.update(store, scorer, 0);
    CHECK(router.units() == 12);
    CHECK(router.units_kept() == 6);
    // The score of a channel from those of its weights, added up slowly.
    std::vector<std::pair<double, Index>> score(12);
    for (Index u = 0; u < 12; ++u) score[to_size(u)] = {0.0, -u};
    std::string previous;
    for (const auto& t : router.layers()) {
      const Index first = t.stage == "net/0/0/#0" ? 0 : 5;
      for (Index i = 0; i < t.count(); ++i) {
        const bool counts = kind == "taylor" || (i < t.channels() && (kind == "taylor_gate" || t.stage != previous));
        if (counts)
          score[to_size(first + i % t.channels())].first += static_cast<double>(scorer.values()[to_size(t.offset + i)]);
      }
      previous = t.stage;
    }
    auto order = score;
    std::ranges::sort(order, std::greater<>());
    std::set<Index> kept;
    for (int k = 0; k < 6; ++k) kept.insert(-order[to_size(k)].second);
    for (const auto& t : router.layers()) {
      const Index first = t.stage == "net/0/0/#0" ? 0 : 5;
      for (Index o = 0; o < t.channels(); ++o) {
        const bool on = kept.count(first + o) > 0;
        CHECK(router.masks().on(Path::positive, t.gamma + o) == on);
        CHECK(router.masks().on(Path::positive, t.beta + o) == on);
        for (Index r = 0; r < t.filter_size(); ++r)
          if (router.masks().on(Path::positive, t.offset + r * t.channels() + o) != on) FAIL_CHECK(t.key << " " << o);
      }
    }
  }
}

TEST_CASE("Keeping everything masks nothing") {
  const auto store = scored_store(11);
  for (const char* unit : {"weight", "channel"}) {
    auto scorer = observed(store, "taylor");
    SparseRouter router(at_once(unit, "global", 1));
    router.update(store, scorer, 0);
    for (Index i = 0; i < store.value.size(); ++i)
      if (!router.masks().on(Path::positive, i)) FAIL_CHECK(i);
    for (const double r : router.layer_keep_ratios()) CHECK(r == 1);
  }
}

TEST_CASE("The random control keeps as many units as any criterion, other ones") {
  const auto store = scored_store(12);
  for (const char* unit : {"weight", "channel"})
    for (const char* scope : {"global", "layer"}) {
      auto taylor = observed(store, "taylor"), random = observed(store, "random");
      SparseRouter a(at_once(unit, scope, 0.5)), b(at_once(unit, scope, 0.5));
      a.update(store, taylor, 0);
      b.update(store, random, 0);
      CHECK(a.units_kept() == b.units_kept());
      CHECK_FALSE(a.masks() == b.masks());
    }
}

TEST_CASE("The ratio of a stage is the share of all its weights, in the net's order") {
  const auto store = scored_store(13);
  auto scorer = observed(store, "taylor");
  SparseRouter router(at_once("weight", "global", 0.3));
  router.update(store, scorer, 0);
  CHECK(router.stages() == std::vector<std::string>{"net/0/0/#0", "net/0/0/#1"});
  REQUIRE(router.stage_keep_ratios().size() == 2);
  for (std::size_t s = 0; s < 2; ++s) {
    double kept = 0, all = 0;
    for (const auto& t : router.layers())
      if (t.stage == router.stages()[s]) {
        kept += static_cast<double>(kept_weights(router, t));
        all += static_cast<double>(t.count());
      }
    CHECK(router.stage_keep_ratios()[s] == Approx(kept / all));
  }
  CHECK(router.stage_keep_ratios()[0] != router.stage_keep_ratios()[1]);
}

TEST_CASE("Masks are made when they are due, along the ramp") {
  const auto store = scored_store(14);
  RouterConfig c = at_once("weight", "global", 0.2);
  c.start_step = 4;
  c.ramp_steps = 8;
  c.update_every = 3;
  auto scorer = observed(store, "taylor");
  SparseRouter router(c);
  std::vector<Index> made;
  for (Index step = 0; step < 15; ++step) {
    if (router.update(store, scorer, step)) made.push_back(step);
    const Index last = made.back();
    CHECK(router.units_kept() == router.units() - units_removed(router.units(), c.keep_ratio_at(last)));
  }
  CHECK(made == std::vector<Index>{0, 4, 7, 10, 13});
  CHECK(router.units_kept() < router.units() / 4);
}

TEST_CASE("What has no score yet is kept whole until it has one, without harm to the rest") {
  const auto store = scored_store(15);
  Scorer scorer{AnyCriterion("taylor")};
  RouterConfig c = at_once("weight", "global", 0.5);
  c.update_every = 100;
  SparseRouter router(c);
  CHECK(router.update(store, scorer, 0));  // nothing was scored
  CHECK_FALSE(router.settled());
  CHECK(router.units_kept() == router.units());
  scorer.observe(store);
  CHECK(router.update(store, scorer, 1));
  CHECK(router.settled());
  CHECK(router.units_kept() == router.units() - router.units() / 2);
  CHECK_FALSE(router.update(store, scorer, 2));

  auto grown = small_net::make();
  residuals(stages(std::get<0>(grown.layers))[0]).insert(0, make_identity_block(5));
  auto larger = reseat(store, grown, 0, Rng(2));
  const Index old_units = router.units();
  CHECK(router.update(larger, scorer, 3));
  CHECK_FALSE(router.settled());
  CHECK(router.units() == old_units + 9 * 25);
  CHECK(router.units_kept() == 9 * 25 + old_units - old_units / 2);
  for (const auto& t : router.layers())
    CHECK((kept_weights(router, t) == t.count()) == (t.key == "net/0/0/#0/1/#1/0/0/weight"));
  for (const char* unit : {"weight", "channel"}) {
    SparseRouter own(at_once(unit, "layer", 0.5));
    own.update(larger, scorer, 3);
    const bool stage = std::string(unit) == "channel";  // a stage is scored when all its kernels are
    for (const auto& t : own.layers())
      CHECK((kept_weights(own, t) == t.count()) ==
            (t.stage == "net/0/0/#0" && (stage || t.key == "net/0/0/#0/1/#1/0/0/weight")));
  }
  std::fill(larger.grad.begin(), larger.grad.end(), 1.f);
  scorer.observe(larger);
  CHECK(router.update(larger, scorer, 4));
  CHECK(router.units_kept() == router.units() - router.units() / 2);
  CHECK_FALSE(router.update(larger, scorer, 5));
}

TEST_CASE("The same scores give the same masks, and a restored router goes on with them") {
  const auto store = scored_store(16);
  auto scorer = observed(store, "snip");
  for (const char* unit : {"weight", "channel"}) {
    RouterConfig c = at_once(unit, "global", 0.5);
    c.update_every = 10;
    SparseRouter a(c), b(c), restored(c);
    a.update(store, scorer, 0);
    b.update(store, scorer, 0);
    CHECK(a.masks() == b.masks());
    restored.restore(store, a.masks().paths.span(), a.settled());
    CHECK(restored.masks() == a.masks());
    CHECK(restored.units_kept() == a.units_kept());
    CHECK(std::ranges::equal(restored.stage_keep_ratios(), a.stage_keep_ratios()));
    CHECK_FALSE(restored.update(store, scorer, 3));
    CHECK(restored.masks() == a.masks());
    CHECK_THAT(sseg_test::message_of([&] { restored.restore(store, a.masks().paths.span().first(2), true); }),
               sseg_test::Contains("another net"));
    auto wrong = a.masks();
    wrong.paths[0] = 3;
    CHECK_THAT(sseg_test::message_of([&] { restored.restore(store, wrong.paths.span(), true); }),
               sseg_test::Contains("on no path or on both"));
  }
}

TEST_CASE("Routing allocates nothing while the layout stays") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  const auto store = scored_store(17);
  for (const char* unit : {"weight", "channel"})
    for (const char* scope : {"global", "layer"}) {
      auto scorer = observed(store, "taylor");
      SparseRouter router(at_once(unit, scope, 0.5));
      router.update(store, scorer, 0);
      const long before = malloc_count();
      for (Index step = 1; step < 6; ++step) router.update(store, scorer, step);
      CHECK(malloc_count() - before == 0);
    }
}

TEST_CASE("Scores that are not finite and nets without stages are refused in words") {
  auto store = scored_store(18);
  store.grad[3] = std::numeric_limits<float>::infinity();
  auto scorer = observed(store, "gradient");
  SparseRouter router(at_once("weight", "global", 0.5));
  CHECK_THAT(sseg_test::message_of([&] { router.update(store, scorer, 0); }), sseg_test::Contains("not finite"));

  const auto flat = make_store<float>(chain(Conv2d{.in = 1, .out = 3}, Relu{}), 0, Rng(1));
  Scorer plain{AnyCriterion("magnitude"), 0.9, "net/"};
  plain.observe(flat);
  SparseRouter channels(at_once("channel", "global", 0.5)), weights(at_once("weight", "global", 0.5));
  CHECK_THAT(sseg_test::message_of([&] { channels.update(flat, plain, 0); }), sseg_test::Contains("net/0/weight"));
  CHECK(weights.update(flat, plain, 0));
  CHECK(weights.units_kept() == 14);

  using Uneven = Chain<Conv2d, NormReluPool, Conv2d, NormReluPool>;
  Stack<Uneven> stack;
  stack.push_back(chain(Conv2d{.in = 1, .out = 3}, NormReluPool{.channels = 3}, Conv2d{.in = 3, .out = 1},
                        NormReluPool{.channels = 1}));
  const auto uneven = make_store<float>(stack, 0, Rng(1));
  CHECK_THAT(sseg_test::message_of([&] { channels.update(uneven, plain, 0); }),
             sseg_test::Contains("different numbers of output channels"));
  CHECK_THROWS_AS(SparseRouter(RouterConfig{.keep = 2}), Error);
}

}  // namespace sparse_router_test

#include "sseg/train/routing.hpp"

#include <filesystem>

#include "small_run.hpp"
#include "sseg/train/checkpoint.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"

namespace routing_test {

using namespace small_run;
namespace fs = std::filesystem;

namespace {

SmallRecipe routed(const char* importance = "taylor", float negative_weight = 0) {
  SmallRecipe r = routed_recipe();
  r.routing.config->importance = importance;
  r.routing.config->negative_weight = negative_weight;
  r.routing.seed = 9;
  return r;
}

SmallRecipe repelled(float margin = 0.3f, float temperature = 0.2f) {
  SmallRecipe r = routed("taylor", 0.5f);
  r.routing.config->negative_loss = "repel";
  r.routing.config->negative_margin = margin;
  r.routing.config->negative_temperature = temperature;
  return r;
}

State trained_by(const SmallRecipe& r, int threads) {
  State s = start();
  run_recipe(r, s, threads, config, {false});
  return s;
}

struct StopAt {
  Index step;
  std::atomic<bool>& stop;
  void on_step(const StepInfo& s) { stop = s.at.step == step; }
};

bool same_routing(const Routing<float>& a, const Routing<float>& b) {
  return a.router.masks() == b.router.masks() && std::ranges::equal(a.importance.values(), b.importance.values()) &&
         a.positive.store().state == b.positive.store().state && a.negative.store().state == b.negative.store().state;
}

}  // namespace

TEST_CASE("A routed run trains both paths, and only what it was told to") {
  const State plain = trained(2), s = trained_by(routed(), 2), both = trained_by(routed("taylor", 0.3f), 2);
  CHECK_FALSE(plain.routing.has_value());
  REQUIRE(s.routing.has_value());
  const Routing<float>& r = *s.routing;
  CHECK(r.router.units_kept() < r.router.units());
  CHECK(r.positive.store().state.size() == s.model.student.state.size());
  CHECK(r.negative.store().state.size() == 0);  // its weight is 0
  CHECK(both.routing->negative.store().state.size() == both.model.student.state.size());
  CHECK_FALSE(s.model.student.value == plain.model.student.value);
  CHECK_FALSE(s.model.student.value == both.model.student.value);
  CHECK_FALSE(r.positive.store().state == s.model.student.state);  // statistics of its own
}

TEST_CASE("A recipe that never routes trains as one that might, and refuses a state that routes") {
  const SmallRecipe might = recipe();
  const auto never =
      make_recipe(might.views, might.objective, might.optimizer, might.rate, might.teacher, might.growth);
  static_assert(SmallRecipe::may_route && !decltype(never)::may_route);
  const auto train = [&](State s) {
    Cpu cpu(1);
    const Images data = images();
    const InstanceProbe probe(probe_images(), might.views.global, Rng(2));
    auto fit = make_fit(cpu, data, probe, config, never, Rng(3));
    const std::atomic<bool> go_on{false};
    fit.run(s, go_on);
    return s;
  };
  CHECK(train(start()).model.student.value == trained(1).model.student.value);
  CHECK_THROWS_WITH(train(trained_by(routed(), 1)), Catch::Matchers::Contains("the recipe never does"));
}

TEST_CASE("A routed run gives the same bits for any number of threads") {
  for (const SmallRecipe& r : {routed("taylor", 0.5f), repelled()}) {
    const State one = trained_by(r, 1), three = trained_by(r, 3);
    CHECK(same_bits(one, three));
    CHECK(same_routing(*one.routing, *three.routing));
  }
}

TEST_CASE("The negative path is repelled where the configuration says so, by its margin and temperature") {
  const State shared = trained_by(routed("taylor", 0.5f), 2), repel = trained_by(repelled(), 2);
  CHECK_FALSE(repel.model.student.value == shared.model.student.value);
  CHECK_FALSE(repel.model.student.value == trained_by(repelled(0.1f), 2).model.student.value);
  CHECK_FALSE(repel.model.student.value == trained_by(repelled(0.3f, 0.3f), 2).model.student.value);
  CHECK(repel.routing->negative.store().state.size() == repel.model.student.state.size());
  CHECK_FALSE(repel.routing->negative.store().state == repel.model.student.state);  // they moved

  SmallRecipe unused = repelled();
  unused.routing.config->negative_weight = 0;
  CHECK(trained_by(unused, 2).model.student.value == trained_by(routed(), 2).model.student.value);
}

TEST_CASE("A routed step allocates nothing after the first ones") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  for (const SmallRecipe& r : {routed("taylor", 0.5f), repelled()}) {
    Cpu cpu(2);
    const Images train = images();
    const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
    auto fit = make_fit(cpu, train, probe, config, r, Rng(3));
    State state = start();
    run_until_quiet([&] { fit.step(state); });  // routing starts at step 2
    const long before = malloc_count();
    for (int i = 0; i < 8; ++i) fit.step(state);  // with new masks every third
    CHECK(malloc_count() - before == 0);
  }
}

TEST_CASE("A routed run that was saved and resumed ends with the bits of one that was not, also across mutations") {
  const fs::path file = fs::temp_directory_path() / "sseg_routing_test.safetensors";
  for (const SmallRecipe& r : {routed("taylor", 0.5f), routed("random", 0.5f), repelled()}) {
    const State whole = trained_by(r, 2);
    REQUIRE(whole.history.size() >= 2);
    for (const Index at : {Index{1}, Index{7}, Index{13}}) {
      INFO(r.routing.config->importance << ", " << r.routing.config->negative_loss << " at " << at);
      State half = start();
      std::atomic<bool> stop{false};
      StopAt stopper{at, stop};
      run_recipe(r, half, 2, config, stop, stopper);
      save_checkpoint(file, half, image, Json::object());
      State rest = load_checkpoint<Net>(file).state;
      CHECK(same_routing(*rest.routing, *half.routing));
      run_recipe(r, rest, 1, config, {false});
      CHECK(same_bits(rest, whole));
      CHECK(same_routing(*rest.routing, *whole.routing));
    }
  }
  fs::remove(file);
}

TEST_CASE("Damaged masks are refused") {
  const fs::path file = fs::temp_directory_path() / "sseg_routing_damaged.safetensors";
  save_checkpoint(file, trained_by(routed(), 2), image, Json::object());
  const SafeTensors good = SafeTensors::load(file);
  const auto refused = [&](auto&& change) {
    SafeTensors bad = good;
    bad.metadata.erase("checksum");
    change(bad);
    bad.save(file);
    try {
      load_checkpoint<Net>(file);
    } catch (const Error&) {
      return true;
    }
    return false;
  };
  const std::vector<float> three(3);
  CHECK_FALSE(refused([](SafeTensors&) {}));
  CHECK(refused([&](SafeTensors& t) { t.put("routing/importance", {3}, std::span<const float>(three)); }));
  CHECK(refused([&](SafeTensors& t) { t.put("routing/positive_state", {3}, std::span<const float>(three)); }));
  CHECK(refused([&](SafeTensors& t) {
    auto paths = good.values<std::uint8_t>("routing/paths");
    std::fill(paths.begin(), paths.end(), std::uint8_t{0});
    t.put("routing/paths", {static_cast<Index>(paths.size())}, std::span<const std::uint8_t>(paths));
  }));
  fs::remove(file);
}

}  // namespace routing_test

#include "sseg/train/routing.hpp"

#include <filesystem>

#include "small_run.hpp"
#include "sseg/train/checkpoint.hpp"
#include "support/catch.hpp"

using namespace small_run;
namespace fs = std::filesystem;

namespace {

SmallRecipe routed(const char* importance = "taylor", float negative_weight = 0) {
  SmallRecipe r = recipe();
  r.routing.config = RouterConfig{.unit = "channel",
                                  .scope = "layer",
                                  .keep = 0.5,
                                  .start_step = 2,
                                  .ramp_steps = 6,
                                  .update_every = 3,
                                  .importance = importance,
                                  .negative_weight = negative_weight};
  r.routing.seed = 9;
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

TEST_CASE("A routed run gives the same bits for any number of threads") {
  const SmallRecipe r = routed("taylor", 0.5f);
  const State one = trained_by(r, 1), three = trained_by(r, 3);
  CHECK(same_bits(one, three));
  CHECK(same_routing(*one.routing, *three.routing));
}

TEST_CASE("A routed run that was saved and resumed ends with the bits of one that was not, also across mutations") {
  const fs::path file = fs::temp_directory_path() / "sseg_routing_test.safetensors";
  for (const char* importance : {"taylor", "random"}) {
    const SmallRecipe r = routed(importance, 0.5f);
    const State whole = trained_by(r, 2);
    REQUIRE(whole.history.size() >= 2);
    for (const Index at : {Index{1}, Index{7}, Index{13}}) {
      INFO(importance << " at " << at);
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

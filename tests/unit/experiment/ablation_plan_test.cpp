#include "sseg/experiment/ablation_plan.hpp"

#include <string>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace ablation_plan_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

AblationPlan plan_of(const std::string& text) {
  const ConfigFile file = parse_config_file(text, "a.yaml");
  RunConfig base = demo_config();
  file.apply(base);
  return ablation_plan(file, base);
}
std::string refusal(const std::string& text) {
  return message_of([&] { plan_of(text); });
}

}  // namespace

TEST_CASE("a grid is read from the group ablation of an experiment, the base first") {
  const AblationPlan plan = plan_of(
      "train: {steps: 7}\nablation:\n  seeds: [3, 1]\n  baselines: [untrained, dino_only]\n  protocol: whitened\n"
      "  variants:\n    no_growth: [evolution.growth.trigger.kind=never]\n    slow:\n      - optim.rate=0.001\n");
  REQUIRE(plan.variants.size() == 5);
  CHECK(plan.variants[0] == AblationVariant{"base", {}, "train"});
  CHECK(plan.variants[1] == AblationVariant{"no_growth", {"evolution.growth.trigger.kind=never"}, "train"});
  CHECK(plan.variants[3] == AblationVariant{"untrained", {}, "untrained"});
  CHECK(plan.settings.seeds == std::vector<std::uint64_t>{3, 1});
  CHECK(plan.settings.protocol == "whitened");
  CHECK(plan.config(plan.variants[0], 3).train.steps == 7);
  CHECK(plan.config(plan.variants[0], 3).seed == 3);
  CHECK(plan.config(plan.variants[2], 3).optim.rate == 0.001f);
  const SslConfig dino = plan.config(plan.variants[4], 1).ssl;
  CHECK(dino.dino.weight == 1);
  CHECK((dino.contrastive.weight == 0 && dino.distillation.weight == 0 && dino.proto_clr.weight == 0));
}

TEST_CASE("an experiment without the group has a grid of its own, with the base's seed") {
  for (const char* text : {"seed: 4", "seed: 4\nablation:\n"}) {
    const AblationPlan plan = plan_of(text);
    CHECK(plan.settings.seeds == std::vector<std::uint64_t>{4});
    CHECK(plan.variants.size() == 5);
  }
}

TEST_CASE("every baseline has a name and makes a configuration") {
  const AblationPlan plan = plan_of(
      "ablation: {baselines: [untrained, fixed_seed, fixed_final, random_growth, nt_xent_only, dino_only, proto_clr, "
      "raw_pixels]}");
  CHECK(plan.variants.size() == 9);
  CHECK(plan.config(plan.variants[4], 1).evolution.growth.selector.choice == "random");
  CHECK(plan.config(plan.variants[2], 1).evolution.growth.trigger.kind == "never");
  CHECK(plan.config(plan.variants[3], 1).evolution.growth.trigger.kind == "never");
  CHECK(detail::baseline_named("modified_hausdorff").method == "modified_hausdorff");
}

TEST_CASE("a baseline of one task has that task alone, from the first step to the last") {
  const AblationPlan plan = plan_of(
      "ssl: {contrastive: {final_weight: 0.5}, dino: {weight: 2, final_weight: 3}, rotation: {enabled: true}}\n"
      "ablation: {baselines: [nt_xent_only, dino_only, proto_clr]}");
  for (std::size_t i = 0; i < 3; ++i) {
    const SslConfig ssl = plan.config(plan.variants[i + 1], 1).ssl;
    INFO(plan.variants[i + 1].name);
    CHECK(ssl.contrastive.weight == (i == 0 ? 1 : 0));
    CHECK(ssl.dino.weight == (i == 1 ? 1 : 0));
    CHECK(ssl.proto_clr.weight == (i == 2 ? 1 : 0));
    CHECK((ssl.distillation.weight == 0 && !ssl.rotation.enabled));
    CHECK((ssl.contrastive.final_weight == -1 && ssl.dino.final_weight == -1));
  }
}

TEST_CASE("a variant keeps all that decides the episodes") {
  for (const std::string change :
       {"name=other", "data.source=curriculum", "data.train_kinds=3", "evaluation.way=3", "evaluation.query=3",
        "evaluation.episodes=3", "evaluation.shots=3", "evaluation.groups=mixed"}) {
    INFO(change);
    CHECK_THAT(refusal("ablation: {variants: {a: [" + change + "]}}"), Contains("evaluated in other episodes"));
  }
  CHECK(refusal("ablation: {variants: {a: [evaluation.copies=3, data.count=99]}}").empty());
}

TEST_CASE("names of variants are short, and seeds not too many") {
  const std::string longest(64, 'a');
  CHECK(refusal("ablation: {variants: {" + longest + ": []}}").empty());
  CHECK_THAT(refusal("ablation: {variants: {a" + longest + ": []}}"), Contains("is no name for a variant"));
  CHECK_THAT(refusal("ablation: {variants: {'': []}}"), Contains("'' is no name for a variant"));
  std::string seeds = "1";
  for (int i = 2; i <= 1000; ++i) seeds += "," + std::to_string(i);
  CHECK(refusal("ablation: {seeds: [" + seeds + "]}").empty());
  CHECK_THAT(refusal("ablation: {seeds: [" + seeds + ",1001]}"), Contains("too many seeds"));
}

TEST_CASE("what makes no sense in a grid is told with its line") {
  struct Case {
    const char* text;
    const char* what;
    const char* place;
  };
  const Case cases[] = {
      {"ablation: {seed: [1]}", "no field 'seed'", "did you mean 'seeds'?"},
      {"ablation: [1]", "found a list", "a.yaml:1:1"},
      {"ablation:\n  baselines: [untraind]", "there is no baseline 'untraind'", "did you mean 'untrained'?"},
      {"ablation:\n  baselines: [modified_hausdorff]", "the Modified Hausdorff distance is one of drawings",
       "baselines"},
      {"ablation: {seeds: [1, 1]}", "a seed is listed twice", "ablation.seeds"},
      {"ablation: {split: tset}", "there is no split 'tset'", "ablation.split"},
      {"ablation: {variants: [a]}", "found a list instead of a group of lists", "ablation.variants"},
      {"ablation:\n  variants:\n    a b: []", "'a b' is no name for a variant", "a.yaml:3:5"},
      {"ablation:\n  variants:\n    base: []", "two variants have the name 'base'", "a.yaml:3:5"},
      {"ablation:\n  variants:\n    a: 3", "ablation.variants.a: found a single value instead of a list", "a.yaml:3:5"},
      {"ablation:\n  variants:\n    a: [train.stepz=3]", "no setting 'stepz'", "a.yaml:3:5"},
      {"ablation:\n  variants:\n    a: [train.steps=0]", "the training sizes make no sense", "a.yaml:3:5"},
      {"ablation:\n  variants:\n    a: [seed=3]", "a variant changes the seed", "a.yaml:3:5"},
      {"ablation:\n  variants:\n    a: [evaluation.way=3]", "evaluated in other episodes", "a.yaml:3:5"},
      {"ablation:\n  variants:\n    a: [data.train_kinds=3]", "evaluated in other episodes", "a.yaml:3:5"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK_THAT(refusal(c.text), Contains(c.what));
    CHECK_THAT(refusal(c.text), Contains(c.place));
  }
}

}  // namespace ablation_plan_test

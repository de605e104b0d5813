#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/data/split.hpp"
#include "sseg/experiment/config_file.hpp"
#include "sseg/meta/override.hpp"

namespace sseg {

// clang-format off
/// What an ablation compares, the group `ablation` of an experiment file, whose other settings are the base:
///   seeds      [1, 2, 3]: every variant is trained once for each
///   variants   NAME: [SETTING=VALUE, …]: what is changed in the base
///   baselines  [NAME, …]: untrained, fixed_seed (no growth), fixed_final (the base's final net from scratch, as many
///              multiply-adds), random_growth, nt_xent_only, dino_only, proto_clr, raw_pixels, modified_hausdorff
///   evaluate   labelled pictures, where the data set of the base has no classes held back (as evaluate_fewshot's)
///   split      of CIFAR-FS and mini-ImageNet: validation or test
///   protocol   words of the protocol that the table shows, for example "whitened cosine"; else the first one
// clang-format on
struct AblationSettings {
  std::vector<std::uint64_t> seeds{};
  std::vector<std::string> baselines{};
  std::string evaluate{};
  std::string split = "validation";
  std::string protocol{};
  bool operator==(const AblationSettings&) const = default;
};

/// One line of the table. `method`: train, or what is done instead: untrained, fixed_final, raw_pixels,
/// modified_hausdorff.
struct AblationVariant {
  std::string name{};
  std::vector<std::string> overrides{};
  std::string method = "train";

  /// Is there no net, so that the one result stands for every seed?
  bool seedless() const { return method == "raw_pixels" || method == "modified_hausdorff"; }
  bool operator==(const AblationVariant&) const = default;
};

/// The base, always the first variant, and what is compared with it.
struct AblationPlan {
  RunConfig base;
  AblationSettings settings;
  std::vector<AblationVariant> variants;

  /// The settings of a variant's run with a seed.
  RunConfig config(const AblationVariant& variant, std::uint64_t seed) const {
    RunConfig c = base;
    for (const std::string& o : variant.overrides) apply_override(c, o);
    c.seed = seed;
    return c;
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::AblationSettings, seeds, baselines, evaluate, split, protocol);

namespace sseg {

namespace detail {

/// Overrides that leave one self-supervised task, at weight 1.
inline std::vector<std::string> only_task(const std::string& task) {
  std::vector<std::string> overrides{"ssl.rotation.enabled=false"};
  for (const std::string other : {"contrastive", "distillation", "dino", "proto_clr"}) {
    overrides.push_back("ssl." + other + ".weight=" + (other == task ? "1" : "0"));
    overrides.push_back("ssl." + other + ".final_weight=-1");
  }
  return overrides;
}

/// Throws: Error for a baseline that there is not.
inline AblationVariant baseline_named(const std::string& name) {
  if (name == "untrained" || name == "raw_pixels" || name == "modified_hausdorff") return {name, {}, name};
  if (name == "fixed_seed") return {name, {"evolution.growth.trigger.kind=never"}, "train"};
  if (name == "fixed_final") return {name, {"evolution.growth.trigger.kind=never"}, name};
  if (name == "random_growth") return {name, {"evolution.growth.selector.choice=random"}, "train"};
  if (name == "nt_xent_only") return {name, only_task("contrastive"), "train"};
  if (name == "dino_only") return {name, only_task("dino"), "train"};
  if (name == "proto_clr") return {name, only_task("proto_clr"), "train"};
  throw Error("there is no baseline '" + name + "'", "ablation.baselines",
              suggest_name({"untrained", "fixed_seed", "fixed_final", "random_growth", "nt_xent_only", "dino_only",
                            "proto_clr", "raw_pixels", "modified_hausdorff"},
                           name));
}

/// Throws: Error unless the name can be that of a folder and of a line in a table.
inline void check_variant_name(const AblationPlan& plan, const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), plain))
    throw Error("'" + name.substr(0, 80) + "' is no name for a variant", "ablation", "give letters, digits, _ and -");
  for (const AblationVariant& v : plan.variants)
    if (v.name == name) throw Error("two variants have the name '" + name + "'", "ablation", "rename one");
}

/// Throws: Error when a variant makes no sense, or cannot be compared in the base's episodes.
inline void check_variant(const AblationPlan& plan, const AblationVariant& v) {
  const RunConfig c = plan.config(v, plan.base.seed);
  if (v.method == "train" || v.method == "fixed_final") check_config(c);
  const EvaluationConfig &a = c.evaluation, &b = plan.base.evaluation;
  require(c.data.source == plan.base.data.source && c.data.train_kinds == plan.base.data.train_kinds &&
              a.way == b.way && a.query == b.query && a.episodes == b.episodes && a.shots == b.shots &&
              a.groups == b.groups && c.name == plan.base.name,
          "the variant would be evaluated in other episodes than the base", "ablation.variants",
          "leave name, data.source, data.train_kinds and evaluation.way, shots, query, groups and episodes as the base "
          "has them");
  const bool seeded =
      std::any_of(v.overrides.begin(), v.overrides.end(), [](const std::string& o) { return o.starts_with("seed="); });
  require(v.method != "modified_hausdorff" || c.data.source == "omniglot",
          "the Modified Hausdorff distance is one of drawings", "ablation.baselines", "leave modified_hausdorff out");
  require(!seeded, "a variant changes the seed", "ablation.variants", "list seeds in ablation.seeds");
}

inline void add_variant(AblationPlan& plan, AblationVariant v) {
  check_variant_name(plan, v.name);
  check_variant(plan, v);
  plan.variants.push_back(std::move(v));
}

/// Adds what the map `variants` lists. Throws: Error with the line.
inline void add_variants(AblationPlan& plan, const Yaml& variants, const std::string& where) {
  if (variants.kind == Yaml::Kind::null) return;
  const YamlPlace at{where, "ablation.variants"};
  if (variants.kind != Yaml::Kind::map) at.refuse_kind(variants, "a group of lists, NAME: [SETTING=VALUE]");
  for (const Yaml& one : variants.items) {
    AblationVariant v{.name = one.key};
    fields_from_yaml(one, v.overrides, YamlPlace{where, "ablation.variants." + one.key});
    try {
      add_variant(plan, std::move(v));
    } catch (const Error& e) {
      throw Error(e.what_happened(), one.place(where) + ": " + e.where(), e.cure());
    }
  }
}

}  // namespace detail

/// What an experiment's `ablation` compares with `base`, its configuration as it is used. Without such a group: with
/// the untrained net, without growth, with growth by chance, and NT-Xent alone. Without seeds: that of the base.
/// Throws: Error naming what makes no sense, with its line.
inline AblationPlan ablation_plan(const ConfigFile& file, const RunConfig& base) {
  check_config(base);
  AblationPlan plan{base, {}, {{"base", {}, "train"}}};
  AblationSettings& s = plan.settings;
  Yaml group = file.ablation.value_or(Yaml{});
  if (group.kind == Yaml::Kind::null) {
    s.baselines = {"untrained", "fixed_seed", "random_growth", "nt_xent_only"};
  } else {
    const Yaml variants =
        group.kind == Yaml::Kind::map ? detail::take_entry(group, "variants").value_or(Yaml{}) : Yaml{};
    detail::fields_from_yaml(group, s, detail::YamlPlace{file.where, "ablation"});
    detail::add_variants(plan, variants, file.where);
  }
  for (const std::string& name : s.baselines) detail::add_variant(plan, detail::baseline_named(name));
  if (s.seeds.empty()) s.seeds = {base.seed};
  for (std::size_t i = 0; i < s.seeds.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      require(s.seeds[i] != s.seeds[k], "a seed is listed twice", "ablation.seeds", "list every seed once");
  require(s.seeds.size() <= 1000, "these are too many seeds", "ablation.seeds", "list 1000 at most");
  split_named(s.split, "ablation.split");
  return plan;
}

}  // namespace sseg

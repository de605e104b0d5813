#pragma once
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/experiment/ablation_plan.hpp"
#include "sseg/experiment/config_file.hpp"

namespace sseg {

/// The stages of a pipeline, in their order.
inline constexpr std::array<std::string_view, 6> pipeline_stage_names{
    "generate_curriculum", "train", "evaluate", "ablation", "analyze", "export"};

// clang-format off
/// What a pipeline file, JSON or YAML, says beside its stages:
///   {"stages": {"generate_curriculum": false, "train": true, …}}    those not named are off
///   config       the experiment (ConfigFile); without one the preset demo
///   output_dir   where everything goes
///   ablation     another experiment, whose group `ablation` and settings the ablation takes; else those of `config`
///   jobs         processes of the ablation, each of which runs one of its cells; 1: all in this process
///   evaluate     labelled pictures to evaluate on, where the data set has no classes held back
///   split        of CIFAR-FS and mini-ImageNet: validation or test
///   map          of features in the report: pca, or tsne beside it
///   overrides    ["SETTING=VALUE", …], applied over the experiments
/// `config` and `ablation` are relative to the pipeline file.
// clang-format on
struct PipelineSettings {
  std::string config{};
  std::string output_dir = "outputs/full_pipeline";
  std::string ablation{};
  int jobs = 1;
  std::string evaluate{};
  std::string split = "validation";
  std::string map = "pca";
  std::vector<std::string> overrides{};
  bool operator==(const PipelineSettings&) const = default;
};

/// A pipeline with its experiments read: what runs, with which settings, where.
struct ExperimentPipeline {
  std::string where{};  ///< the file's name
  PipelineSettings settings{};
  std::vector<std::string> on{};  ///< stages, in their order
  RunConfig config{};
  std::optional<AblationPlan> ablation{};

  bool runs(std::string_view stage) const { return std::find(on.begin(), on.end(), stage) != on.end(); }
  std::filesystem::path root() const { return settings.output_dir; }
  std::filesystem::path curriculum_folder() const { return root() / "curriculum"; }
  std::filesystem::path ablation_folder() const { return root() / "ablation"; }
  /// The settings of the stage train: it reads what generate_curriculum wrote.
  RunConfig training() const {
    RunConfig c = config;
    if (runs("generate_curriculum")) c.data.path = curriculum_folder().string();
    return c;
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::PipelineSettings, config, output_dir, ablation, jobs, evaluate, split, map, overrides);

namespace sseg {

namespace detail {

/// The stages that a pipeline switches on. Throws: Error with the line for a stage that there is not.
inline std::vector<std::string> stages_on(const Yaml& stages, const std::string& where) {
  const YamlPlace at{where, "stages"};
  check_yaml_map(stages, {pipeline_stage_names.begin(), pipeline_stage_names.end()}, at);
  std::vector<std::string> on;
  for (const std::string_view name : pipeline_stage_names) {
    bool wanted = false;
    if (const Yaml* stage = stages.find(name); stage != nullptr && stage->kind != Yaml::Kind::null)
      fields_from_yaml(*stage, wanted, YamlPlace{where, at.path_of(name)});
    if (wanted) on.emplace_back(name);
  }
  return on;
}

/// The experiment in a file beside the pipeline, or none, with the overrides on it.
inline std::pair<ConfigFile, RunConfig> pipeline_experiment(const std::filesystem::path& pipeline,
                                                            const std::string& name,
                                                            const std::vector<std::string>& overrides) {
  const ConfigFile file = name.empty() ? ConfigFile{} : load_config_file(pipeline.parent_path() / name);
  RunConfig config = preset_named(file.base().empty() ? "demo" : file.base());
  file.apply(config);
  for (const std::string& o : overrides) apply_override(config, o);
  check_config(config, file);
  return {file, config};
}

}  // namespace detail

/// The pipeline in a text; `path` is its file, beside which the experiments lie. `overrides` go over those of the file.
/// Throws: Error with the line for what makes no sense, and when an experiment cannot be read.
inline ExperimentPipeline parse_pipeline(std::string_view text, const std::filesystem::path& path,
                                         const std::vector<std::string>& overrides = {}) {
  ExperimentPipeline p;
  p.where = path.string();
  Yaml root = parse_yaml(text, p.where);
  if (root.kind != Yaml::Kind::map)
    throw Error("this is no pipeline", root.place(p.where), R"(write {"stages": {"train": true}})");
  const auto stages = detail::take_entry(root, "stages");
  if (!stages) throw Error("the pipeline has no stages", p.where, R"(write {"stages": {"train": true}})");
  p.on = detail::stages_on(*stages, p.where);
  fields_from_yaml(root, p.settings, p.where);
  if (p.settings.jobs < 1 || p.settings.jobs > 1024)
    throw Error(std::to_string(p.settings.jobs) + " processes make no sense", p.where + ": jobs", "give 1 to 1024");
  if (p.settings.map != "pca" && p.settings.map != "tsne")
    throw Error("no such map of features: '" + p.settings.map + "'", p.where + ": map",
                "give pca, or tsne to have both");
  p.settings.overrides.insert(p.settings.overrides.end(), overrides.begin(), overrides.end());

  auto [file, config] = detail::pipeline_experiment(path, p.settings.config, p.settings.overrides);
  p.config = std::move(config);
  require(!p.runs("generate_curriculum") || (p.config.data.source == "curriculum" && p.config.data.path.empty()),
          "generate_curriculum is on, but the experiment trains on other pictures", p.where.c_str(),
          "switch it off, or set data.source: curriculum without a data.path");
  if (!p.runs("ablation")) return p;
  if (p.settings.ablation.empty()) {
    p.ablation = ablation_plan(file, p.config);
  } else {
    const auto [other, base] = detail::pipeline_experiment(path, p.settings.ablation, p.settings.overrides);
    p.ablation = ablation_plan(other, base);
  }
  return p;
}

/// The pipeline in a file. Throws: Error, also when it cannot be read.
inline ExperimentPipeline load_pipeline(const std::filesystem::path& path,
                                        const std::vector<std::string>& overrides = {}) {
  return parse_pipeline(read_file(path, Index{1} << 21), path, overrides);
}

}  // namespace sseg

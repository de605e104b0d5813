#pragma once
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/experiment/ablation.hpp"
#include "sseg/experiment/curriculum_folder.hpp"
#include "sseg/experiment/evaluate_state.hpp"
#include "sseg/experiment/load_images.hpp"
#include "sseg/experiment/pipeline.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "sseg/report/table.hpp"
#include "sseg/report/table_plain.hpp"

namespace sseg {

namespace detail {

template <class B>
bool generate_stage(StageWork<B>& work) {
  const std::filesystem::path folder = work.pipeline.curriculum_folder();
  if (std::filesystem::exists(folder) || std::filesystem::exists(folder.string() + ".part")) remove_curriculum(folder);
  write_curriculum(work.backend.threads(), training_curriculum(work.pipeline.config), folder);
  work.record.folder = folder.string();
  return true;
}

/// A run that was interrupted goes on in its folder; else a new one is made.
template <class B>
bool train_stage(StageWork<B>& work) {
  const RunConfig config = work.pipeline.training();
  require(!work.pipeline.runs("generate_curriculum") || work.state.finished("generate_curriculum"),
          "the pictures to train on are not generated yet", "train", "run --only generate_curriculum first");
  std::optional<TrainState<MainNet, float>> state;
  std::optional<RunFolder> folder;
  if (!work.record.folder.empty()) {
    folder.emplace(work.record.folder);
    if (std::filesystem::exists(folder->checkpoint())) state = load_checkpoint<MainNet>(folder->checkpoint()).state;
  }
  if (!state) folder.emplace(RunFolder::create(work.pipeline.root() / "runs", config.name));
  work.record.folder = folder->path().string();
  work.keep();
  const AnyDataset images = training_data(config);
  return pretrain(work.backend, config, images, *folder, work.stop, std::move(state), work.out).finished();
}

/// The trained net beside the same net untrained: eval.json in the run folder.
template <class B>
bool evaluate_stage(StageWork<B>& work) {
  const ExperimentPipeline& p = work.pipeline;
  const RunConfig config = p.training();
  const RunFolder folder(work.folder_of("train"));
  const AnyDataset training = training_data(config);
  const std::string& named = p.settings.evaluate;
  const bool needs_name = config.data.source == "omniglot" || config.data.source == "folder";
  require(!named.empty() || !needs_name, "there are no pictures to evaluate on", "evaluate",
          "name labelled pictures that the run does not train on, for example images_background.zip");
  const LabelledImages labelled = held_back_images(config, training, named.empty() ? config.data.path : named,
                                                   split_named(p.settings.split, "split"));

  const auto trained = load_checkpoint<MainNet>(folder.checkpoint());
  const auto before = untrained_state(config, trained.image);
  const BaseStatistics base = base_statistics(work.backend, backbone(before.model.net), before.model.teacher,
                                              run_inputs(config, training).train, config);
  std::vector<FewShotRow> rows;
  const auto add = [&](const auto& state, const BaseStatistics& statistics, const std::string& net) {
    for (const auto& one : evaluate_state(work.backend, state, statistics, labelled, config, net)) {
      rows.push_back(to_row(one));
      std::fprintf(work.out, "%s\n", to_line(rows.back()).c_str());
    }
  };
  add(before, base, "untrained");
  add(trained.state, trained.base, "trained");
  write_few_shot(folder.evaluation(), rows);
  work.record.folder = folder.path().string();
  return true;
}

template <class B>
bool ablation_stage(StageWork<B>& work) {
  const std::filesystem::path root = work.pipeline.root() / "ablation";
  require(work.pipeline.ablation.has_value(), "the pipeline has no ablation", "stages",
          "switch ablation on in \"stages\"");
  const AblationOutcome outcome = run_ablation(work.backend, *work.pipeline.ablation, root, 1, {}, work.stop, work.out);
  work.record.folder = root.string();
  if (outcome.interrupted) return false;
  std::fprintf(work.out, "%s", to_plain_text(outcome.table).c_str());
  if (!outcome.failed.empty())
    throw Error(std::to_string(outcome.failed.size()) + " cells failed, the first one " + outcome.failed.front().cell +
                    ": " + outcome.failed.front().reason,
                root.string(), "mend the cause; cells that are finished are kept");
  return true;
}

/// How the net grew, as a table.
inline Table mutations_table(const std::filesystem::path& run) {
  const std::filesystem::path file = RunFolder(run).history();
  History history;
  fields_from_json(parse_json(read_file(file, Index{1} << 28), file.string()), history, file.string());
  Table table{.name = "mutations", .caption = "mutations of " + run.string()};
  table.columns = {{"step", ""}, {"kind", ""},         {"place", ""},      {"parameters", ""},
                   {"MACs", ""}, {"probe before", ""}, {"probe after", ""}};
  for (const MutationRecord& m : history)
    table.add({Cell(static_cast<double>(m.step), 0), m.kind, m.place, Cell(static_cast<double>(m.params_after), 0),
               Cell(static_cast<double>(m.macs_after), 0), Cell(m.probe_before, 3), Cell(m.probe_after, 3)});
  table.notes = {"parameters and multiply-adds for one image: after the mutation"};
  return table;
}

/// The figures of eval.json, as a table.
inline Table evaluation_table(const std::filesystem::path& run) {
  const std::filesystem::path file = RunFolder(run).evaluation();
  const Json report = parse_json(read_file(file, Index{1} << 28), file.string());
  std::vector<FewShotRow> rows;
  if (const auto found = report.find("results"); found != report.end()) fields_from_json(*found, rows, file.string());
  Table table{.name = "few_shot", .caption = "few-shot accuracy of " + run.string()};
  table.columns = {{"net", ""},  {"task", ""},     {"accuracy", "%"}, {"protocol", ""},
                   {"data", ""}, {"episodes", ""}, {"seed", ""}};
  for (const FewShotRow& r : rows)
    table.add({r.net, std::to_string(r.way) + "-way " + std::to_string(r.shot) + "-shot", Cell(r.accuracy, r.ci95, 2),
               r.protocol, r.dataset + ", " + r.split, Cell(static_cast<double>(r.episodes), 0),
               std::to_string(r.seed)});
  table.notes = {"± 1.96·s/√episodes"};
  return table;
}

template <class B>
bool analyze_stage(StageWork<B>& work) {
  const std::filesystem::path run = work.folder_of("train");
  const std::string text = to_plain_text(mutations_table(run));
  std::fprintf(work.out, "%s", text.c_str());
  write_file_atomically(run / "mutations.txt", text);
  work.record.folder = run.string();
  return true;
}

template <class B>
bool export_stage(StageWork<B>& work) {
  const std::filesystem::path run = work.folder_of("train"), root = work.pipeline.root();
  std::string text = to_plain_text(mutations_table(run));
  if (work.state.finished("evaluate")) text += "\n" + to_plain_text(evaluation_table(run));
  if (work.state.finished("ablation"))
    text += "\n" + read_file(work.folder_of("ablation") / "ablation.txt", Index{1} << 24);
  write_file_atomically(root / "results.txt", text);
  std::fprintf(work.out, "%s\n", (root / "results.txt").c_str());
  work.record.folder = root.string();
  return true;
}

inline std::string ablation_text(const ExperimentPipeline& p) {
  if (!p.ablation) return "";
  std::string text = to_yaml(p.ablation->base) + to_yaml(p.ablation->settings);
  for (const AblationVariant& v : p.ablation->variants)
    text += v.name + " " + v.method + yaml_value(v.overrides) + "\n";
  return text;
}

}  // namespace detail

/// The stages of full_pipeline.
template <class B>
std::vector<PipelineStage<B>> pipeline_stages() {
  const auto no_settings = [](const ExperimentPipeline&) { return std::string(); };
  return {
      {"generate_curriculum",
       {},
       {},
       [](const ExperimentPipeline& p) { return to_yaml(training_curriculum(p.config).each); },
       detail::generate_stage<B>},
      {"train",
       {},
       {"generate_curriculum"},
       [](const ExperimentPipeline& p) { return to_yaml(p.training()); },
       detail::train_stage<B>},
      {"evaluate",
       {"train"},
       {},
       [](const ExperimentPipeline& p) { return to_yaml(p.config) + p.settings.evaluate + " " + p.settings.split; },
       detail::evaluate_stage<B>},
      {"ablation", {}, {}, detail::ablation_text, detail::ablation_stage<B>},
      {"analyze", {"train"}, {"evaluate", "ablation"}, no_settings, detail::analyze_stage<B>},
      {"export", {"train"}, {"evaluate", "ablation"}, no_settings, detail::export_stage<B>},
  };
}

}  // namespace sseg

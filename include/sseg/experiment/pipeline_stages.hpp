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
#include "sseg/experiment/look_at_run.hpp"
#include "sseg/experiment/pipeline.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "sseg/experiment/read_run_results.hpp"
#include "sseg/experiment/result_tables.hpp"
#include "sseg/experiment/run_meta.hpp"
#include "sseg/experiment/run_report.hpp"
#include "sseg/report/table_files.hpp"
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
  RunMetaFile meta(folder->meta(), {"full_pipeline", work.pipeline.where}, work.backend.threads().count(), config.seed,
                   arithmetic_of(work.backend));
  const bool finished =
      pretrain(work.backend, config, images, *folder, work.stop, std::move(state), work.out).finished();
  meta.end(finished ? "finished" : "interrupted");
  return finished;
}

/// What the pipeline evaluates on. Throws: Error when nothing is named and the run has no pictures of its own for it.
inline LabelledImages evaluation_images(const ExperimentPipeline& p, const AnyDataset& training) {
  const RunConfig config = p.training();
  const std::string& named = p.settings.evaluate;
  const bool needs_name = config.data.source == "omniglot" || config.data.source == "folder";
  require(!named.empty() || !needs_name, "there are no pictures to evaluate on", "evaluate",
          "name labelled pictures that the run does not train on, for example images_background.zip");
  return held_back_images(config, training, named.empty() ? config.data.path : named,
                          split_named(p.settings.split, "split"));
}

/// The trained net beside the same net untrained: eval.json in the run folder.
template <class B>
bool evaluate_stage(StageWork<B>& work) {
  const RunConfig config = work.pipeline.training();
  const RunFolder folder(work.folder_of("train"));
  const AnyDataset training = training_data(config);
  const LabelledImages labelled = evaluation_images(work.pipeline, training);

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
bool ablation_stage(StageWork<B>& work, const CellCommand& command) {
  const std::filesystem::path root = work.pipeline.ablation_folder();
  require(work.pipeline.ablation.has_value(), "the pipeline has no ablation", "stages",
          "switch ablation on in \"stages\"");
  if (work.fresh)
    for (const AblationCell& cell : ablation_cells(*work.pipeline.ablation, root))
      std::filesystem::remove_all(cell.folder);
  const AblationOutcome outcome = run_ablation(work.backend, *work.pipeline.ablation, root, work.pipeline.settings.jobs,
                                               command, work.stop, work.out);
  work.record.folder = root.string();
  if (outcome.interrupted) return false;
  std::fprintf(work.out, "%s", to_plain_text(outcome.table).c_str());
  if (!outcome.failed.empty())
    throw Error(std::to_string(outcome.failed.size()) + " cells failed, the first one " + outcome.failed.front().cell +
                    ": " + outcome.failed.front().reason,
                root.string(), "mend the cause; cells that are finished are kept");
  return true;
}

/// How the net grew, for the terminal, and report.html with its plots.
template <class B>
bool analyze_stage(StageWork<B>& work) {
  const std::filesystem::path run = work.folder_of("train");
  const RunResults results = read_run_so_far(run);
  for (const Table& table : mutation_tables({results})) std::fprintf(work.out, "%s", to_plain_text(table).c_str());
  if (results.history.empty()) std::fprintf(work.out, "the net did not grow\n");
  const RunConfig config = work.pipeline.training();
  const RunLook look = look_at_run(
      work.backend, load_checkpoint<MainNet>(RunFolder(run).checkpoint()).state, config,
      [&] { return training_data(config); }, [&] { return evaluation_images(work.pipeline, training_data(config)); },
      work.pipeline.settings.map == "tsne");
  std::fprintf(work.out, "%s\n", write_run_report(run, results, look).c_str());
  work.record.folder = run.string();
  return true;
}

/// Every table of the run and of the ablation, in every format, in OUTPUT/results.
template <class B>
bool export_stage(StageWork<B>& work) {
  const std::filesystem::path folder = work.pipeline.root() / "results";
  std::vector<Table> tables = result_tables({read_run_results(work.folder_of("train"))});
  if (work.state.finished("ablation") && work.pipeline.ablation) {
    const AblationPlan& plan = *work.pipeline.ablation;
    std::vector<CellResult> cells;
    for (const AblationCell& cell : ablation_cells(plan, work.folder_of("ablation")))
      if (cell.finished()) cells.push_back(read_cell(cell));
    tables.push_back(ablation_table(plan, ablation_report(plan, cells)));
  }
  write_tables(folder, tables, {TableFormat::latex, TableFormat::markdown, TableFormat::csv, TableFormat::json});
  std::fprintf(work.out, "%s\n", folder.c_str());
  work.record.folder = folder.string();
  return true;
}

/// What decides a training: of the evaluation only the whitening, which is made when it ends.
inline std::string training_text(const ExperimentPipeline& p) {
  RunConfig c = p.training();
  const WhiteningConfig whitening = c.evaluation.whitening;
  c.evaluation = {};
  c.evaluation.whitening = whitening;
  return to_yaml(c);
}

inline std::string ablation_text(const ExperimentPipeline& p) {
  if (!p.ablation) return "";
  std::string text = to_yaml(p.ablation->base) + to_yaml(p.ablation->settings);
  for (const AblationVariant& v : p.ablation->variants)
    text += v.name + " " + v.method + yaml_value(v.overrides) + "\n";
  return text;
}

}  // namespace detail

/// The stages of full_pipeline. `command`: what runs a cell of the ablation, where "jobs" are more than 1
/// (`run_ablation`).
template <class B>
std::vector<PipelineStage<B>> pipeline_stages(const CellCommand& command = {}) {
  const auto no_settings = [](const ExperimentPipeline&) { return std::string(); };
  return {
      {"generate_curriculum",
       {},
       {},
       [](const ExperimentPipeline& p) { return to_yaml(training_curriculum(p.config).each); },
       detail::generate_stage<B>},
      {"train", {}, {"generate_curriculum"}, detail::training_text, detail::train_stage<B>},
      {"evaluate",
       {"train"},
       {},
       [](const ExperimentPipeline& p) { return to_yaml(p.config) + p.settings.evaluate + " " + p.settings.split; },
       detail::evaluate_stage<B>},
      {"ablation",
       {},
       {},
       detail::ablation_text,
       [command](StageWork<B>& work) { return detail::ablation_stage(work, command); }},
      {"analyze",
       {"train"},
       {"evaluate", "ablation"},
       [](const ExperimentPipeline& p) { return p.settings.map; },
       detail::analyze_stage<B>},
      {"export", {"train", "evaluate"}, {"ablation"}, no_settings, detail::export_stage<B>},
  };
}

}  // namespace sseg

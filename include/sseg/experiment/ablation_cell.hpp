#pragma once
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/experiment/ablation_plan.hpp"
#include "sseg/experiment/architecture.hpp"
#include "sseg/experiment/evaluate_state.hpp"
#include "sseg/experiment/load_images.hpp"
#include "sseg/experiment/pixel_baseline.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "sseg/experiment/run_meta.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/io/word_sum.hpp"

namespace sseg {

/// One variant with one seed: an entry of the grid.
struct AblationCell {
  AblationVariant variant;
  std::uint64_t seed = 1;
  RunConfig config;
  std::filesystem::path folder;       ///< a normal run folder, with cell.json once the cell is finished
  std::filesystem::path base_folder;  ///< of the base's cell with the same seed

  /// "no_rotation/2", by which the command line names it.
  std::string name() const { return variant.name + "/" + std::to_string(seed); }
  std::filesystem::path result_file() const { return folder / "cell.json"; }
  bool finished() const { return std::filesystem::exists(result_file()); }
};

/// What a cell came to: cell.json.
struct CellResult {
  std::string variant{};
  std::uint64_t seed = 0;
  std::string net{};
  Index params = 0;
  Index macs = 0;   ///< of the net at the end, for one image
  Index steps = 0;  ///< trained
  Index mutations = 0;
  double training_macs = 0;  ///< forward, for each image and view of a step, over all steps: see macs_spent
  std::vector<FewShotAccuracies> results{};
};

}  // namespace sseg

SSEG_FIELDS(sseg::CellResult, variant, seed, net, params, macs, steps, mutations, training_macs, results);

namespace sseg {

namespace detail {

/// Eight digits for all that decides a cell's result: a change of it makes another folder, and nothing is written over.
inline std::string cell_sum(const AblationPlan& plan, const AblationVariant& variant, const RunConfig& c) {
  WordSum sum;
  for (const std::string& part :
       {to_yaml(c), variant.method, plan.settings.evaluate, plan.settings.split, to_yaml(plan.base)})
    sum.add(std::string_view(part));
  return sum.hex().substr(0, 8);
}
inline std::filesystem::path cell_folder(const AblationPlan& plan, const AblationVariant& v, std::uint64_t seed,
                                         const std::filesystem::path& root) {
  return root / "cells" / v.name / ("seed_" + std::to_string(seed) + "-" + cell_sum(plan, v, plan.config(v, seed)));
}

}  // namespace detail

/// All cells, in an order in which what a cell needs comes before it. Raw pixels do not depend on a seed: one cell.
inline std::vector<AblationCell> ablation_cells(const AblationPlan& plan, const std::filesystem::path& root) {
  std::vector<AblationCell> cells;
  for (const AblationVariant& v : plan.variants)
    for (const std::uint64_t seed : plan.settings.seeds) {
      if (v.seedless() && seed != plan.settings.seeds.front()) continue;
      cells.push_back({v, seed, plan.config(v, seed), detail::cell_folder(plan, v, seed, root),
                       detail::cell_folder(plan, plan.variants.front(), seed, root)});
    }
  std::stable_partition(cells.begin(), cells.end(),
                        [](const AblationCell& c) { return c.variant.method != "fixed_final"; });
  return cells;
}

/// cell.json of a finished cell. Throws: Error when it is missing or damaged.
inline CellResult read_cell(const AblationCell& cell) {
  const std::string where = cell.result_file().string();
  CellResult result;
  fields_from_json(parse_json(read_file(where, Index{1} << 28), where), result, where);
  return result;
}

namespace detail {

/// The pictures all cells are evaluated on, those of the base and its seed, as this cell's net reads them.
inline LabelledImages cell_images(const AblationPlan& plan, const AblationCell& cell, const AnyDataset& training) {
  RunConfig c = cell.config;
  c.seed = plan.base.seed;
  const AblationSettings& s = plan.settings;
  const std::string& source = c.data.source;
  const bool in_set = source == "cifar_fs" || source == "mini_imagenet" || source == "idx";
  require(synthetic(c.data) || in_set || !s.evaluate.empty(), "the ablation has no pictures to evaluate on",
          "ablation.evaluate",
          "name labelled pictures that the run does not train on, for example images_background.zip");
  return held_back_images(c, training, s.evaluate.empty() ? c.data.path : s.evaluate,
                          split_named(s.split, "ablation.split"));
}

/// The state that a cell's training starts from or goes on from; the number of steps may follow from the base's.
inline TrainState<MainNet, float> cell_start(const AblationCell& cell, Shape image, RunConfig& config) {
  std::optional<TrainState<MainNet, float>> base;
  if (cell.variant.method == "fixed_final") {
    const RunFolder folder(cell.base_folder);
    if (!std::filesystem::exists(cell.base_folder / "cell.json"))
      throw Error("the base of this seed is not trained yet, and this cell takes its final net", folder.path().string(),
                  "run the cell base/" + std::to_string(cell.seed) + " first");
    base = load_checkpoint<MainNet>(folder.checkpoint()).state;
    config.train.steps = equal_macs_steps(*base, image);
  }
  const RunFolder own(cell.folder);
  if (cell.variant.method != "untrained" && std::filesystem::exists(own.checkpoint()))
    return load_checkpoint<MainNet>(own.checkpoint()).state;
  return base ? untrained_like(*base, config) : untrained_state(config, image);
}

inline CellResult describe_cell(const AblationCell& cell, const TrainState<MainNet, float>& state, Shape image) {
  CellResult r{.variant = cell.variant.name, .seed = cell.seed, .net = describe(backbone(state.model.net))};
  r.params = state.model.net.param_count();
  r.macs = state.model.net.macs({1, image[0], image[1], image[2]});
  r.steps = state.step;
  r.mutations = static_cast<Index>(state.history.size());
  r.training_macs = macs_spent(state.history, r.macs, state.step);
  return r;
}

/// Trains where the method says so and evaluates; nothing when `stop` became true before the end.
template <class B>
std::optional<CellResult> net_cell(B& backend, const AblationPlan& plan, const AblationCell& cell,
                                   const std::atomic<bool>& stop, std::FILE* out) {
  RunConfig config = cell.config;
  const AnyDataset images = training_data(config);
  const LabelledImages labelled = cell_images(plan, cell, images);
  const RunInputs in = run_inputs(config, images);
  PretrainResult run{cell_start(cell, in.image, config)};
  if (cell.variant.method == "untrained") {
    run.base = base_statistics(backend, backbone(run.state.model.net), run.state.model.teacher, in.train, config);
    write_file_atomically(RunFolder(cell.folder).config(), to_yaml(config));
  } else {
    // Only the checkpoint of a training that ended has statistics: it does not train on for another time budget.
    const RunFolder own(cell.folder);
    if (std::filesystem::exists(own.checkpoint())) run.base = load_checkpoint<MainNet>(own.checkpoint()).base;
    if (run.base.mean.empty()) {
      RunMetaFile meta(own.meta(), {"run_ablation", cell.name()}, backend.threads().count(), config.seed,
                       arithmetic_of(backend));
      run = pretrain(backend, config, images, own, stop, std::move(run.state), out);
      meta.end(run.finished() ? "finished" : "interrupted");
    }
    if (!run.finished()) return {};
  }
  CellResult result = describe_cell(cell, run.state, in.image);
  RunConfig evaluation = config;  // the episodes of the base's seed, for all cells
  evaluation.seed = plan.base.seed;
  result.results = evaluate_state(backend, run.state, run.base, labelled, evaluation, cell.variant.name);
  return result;
}

template <class B>
CellResult pixel_cell(B& backend, const AblationPlan& plan, const AblationCell& cell) {
  const AnyDataset training = cell.config.data.source == "omniglot" ? training_data(cell.config) : AnyDataset();
  CellResult result{.variant = cell.variant.name, .seed = cell.seed, .net = "none"};
  RunConfig c = cell.config;
  c.seed = plan.base.seed;
  result.results = pixel_accuracies(backend.threads(), cell_images(plan, cell, training), c,
                                    cell.variant.method == "modified_hausdorff");
  write_file_atomically(RunFolder(cell.folder).config(), to_yaml(c));
  return result;
}

}  // namespace detail

/// Runs a cell in its folder, or goes on with one that was interrupted; one that is finished is only read. It shares
/// nothing with other cells but the files of the base, so cells may run in any number of processes. Empty when `stop`
/// became true. Throws: Error as `pretrain`.
template <class B>
std::optional<CellResult> run_ablation_cell(B& backend, const AblationPlan& plan, const AblationCell& cell,
                                            const std::atomic<bool>& stop, std::FILE* out = stdout) {
  if (cell.finished()) return read_cell(cell);
  std::filesystem::create_directories(cell.folder);
  std::optional<CellResult> result = cell.variant.seedless() ? detail::pixel_cell(backend, plan, cell)
                                                             : detail::net_cell(backend, plan, cell, stop, out);
  if (!result) return {};
  std::vector<FewShotRow> rows;
  for (const FewShotAccuracies& one : result->results) rows.push_back(to_row(one));
  write_few_shot(RunFolder(cell.folder).evaluation(), rows);
  write_file_atomically(cell.result_file(), to_text(fields_to_json(*result)) + "\n");
  return result;
}

}  // namespace sseg

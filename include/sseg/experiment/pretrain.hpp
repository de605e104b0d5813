#pragma once
#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string_view>

#include "sseg/data/any_dataset.hpp"
#include "sseg/experiment/neighbours_to_watch.hpp"
#include "sseg/experiment/picture_features.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/experiment/run_folder.hpp"
#include "sseg/experiment/run_hparams.hpp"
#include "sseg/experiment/run_inputs.hpp"
#include "sseg/report/event_log.hpp"
#include "sseg/report/metrics_log.hpp"
#include "sseg/report/sensitivity_log.hpp"
#include "sseg/report/training_progress.hpp"
#include "sseg/train/all_ranks.hpp"
#include "sseg/train/callbacks/early_stop.hpp"
#include "sseg/train/callbacks/heard_if.hpp"
#include "sseg/train/callbacks/time_budget.hpp"
#include "sseg/train/checkpoint.hpp"

namespace sseg {

namespace detail {

/// Writes checkpoint and history after every look at the probe. `pretrain` writes the finished one again, with the
/// statistics of the training images.
template <class Net>
class SaveState {
 public:
  SaveState(const RunFolder& folder, Shape image, const RunConfig& config)
      : folder_(folder), image_(image), config_(fields_to_json(config)) {}
  void on_state(const TrainState<Net, float>& state) {
    save_checkpoint(folder_.checkpoint(), state, image_, config_);
    write_file_atomically(folder_.history(), to_text(fields_to_json(state.history), 2) + "\n");
  }

 private:
  const RunFolder& folder_;
  Shape image_;
  Json config_;
};

/// Hands the user's wish to stop on to the flag that the run's own limits set too.
class PassOnStop {
 public:
  PassOnStop(const std::atomic<bool>& from, std::atomic<bool>& to) : from_(from), to_(to) { pass(); }
  void on_step(const StepInfo&) { pass(); }

 private:
  void pass() {
    if (from_.load(std::memory_order_relaxed)) to_.store(true, std::memory_order_relaxed);
  }
  const std::atomic<bool>& from_;
  std::atomic<bool>& to_;
};

}  // namespace detail

/// Why pretraining ended: at its last step, by one of its own limits, or because somebody asked.
enum class Ending { last_step, early_stop, time_budget, collapse, interrupted };

constexpr std::string_view to_string(Ending e) {
  constexpr std::array<std::string_view, 5> words{"last step", "early stop", "time budget", "collapse", "interrupted"};
  return words[static_cast<std::size_t>(e)];
}

/// What pretraining leaves behind.
struct PretrainResult {
  TrainState<MainNet, float> state;
  Ending ending = Ending::last_step;
  BaseStatistics base{};  ///< of the teacher's features; empty when the run was interrupted
  bool finished() const { return ending != Ending::interrupted; }
};

/// The untrained seed net of a configuration, exactly as training starts from it. `image`: what the net reads.
inline TrainState<MainNet, float> untrained_state(const RunConfig& c, Shape image) {
  return start_training<float>(seed_learner(c, image), MainOptimizer::moments, Rng(c.seed).split("init"),
                               c.evolution.growth.sensitivity_method);
}

/// Pretrains without labels, grows, and writes the run folder as it goes: config.yaml, metrics.csv, metrics.jsonl,
/// sensitivity.csv, history.json, checkpoint.safetensors, TensorBoard's event file. `resume`: go on from there instead
/// of from the seed; the result is then, bit for bit, that of a run that was never stopped. A state at step 0 is a new
/// run from another net. `stop`: finish the step, write the checkpoint, return. A run that its own limits end
/// (early_stop, time_budget, ssl.collapse) is finished, and may be resumed too. `data.knn_images` of the pictures are
/// watched by their labels, which changes nothing else. `loaders`: threads that make the views
/// of the next steps meanwhile; they do not change the result. On a backend of several ranks all call it, from the same
/// state; the first one writes the files, and all return the same. Throws: Error on settings that make no sense or
/// files that cannot be written.
template <class B>
PretrainResult pretrain(B& backend, const RunConfig& config, const AnyDataset& images, const RunFolder& folder,
                        const std::atomic<bool>& stop, std::optional<TrainState<MainNet, float>> resume = std::nullopt,
                        std::FILE* out = stdout, int loaders = 0) {
  check_config(config);
  require(config.backend != "cuda" || HasMemory<B>, "this program trains on the CPU alone", "backend",
          "give auto or cpu, or use train_sseg");
  const AllRanks<B> ranks(backend);
  const bool writes = ranks.first();
  const RunInputs in = run_inputs(config, images);
  const std::optional<KnnProbe> neighbours = neighbours_to_watch(config, images);
  const Shape input = in.image;
  PretrainResult result{resume ? std::move(*resume) : untrained_state(config, input)};
  const bool resumed = result.state.step > 0;
  auto& model = result.state.model;

  model.net.out_shape({1, input[0], input[1], input[2]});  // throws when a resumed net reads other images
  if (writes) write_file_atomically(folder.config(), to_yaml(config));
  if (writes && resumed)
    for (const auto& file : {folder.metrics(), folder.metrics_json_lines(), folder.sensitivity()})
      trim_metrics(file, result.state.step);
  const EventLog::Begin begin{result.state.step, static_cast<Index>(result.state.history.size()),
                              model.net.param_count(), model.net.macs({1, input[0], input[1], input[2]})};
  HeardIf<MetricsLog> metrics(writes, folder.metrics(), folder.metrics_json_lines(), resumed, begin.mutations,
                              begin.params, begin.macs);
  HeardIf<SensitivityLog> sensitivity(writes, folder.sensitivity(), resumed);
  HeardIf<EventLog> events(writes, folder.path(), begin, run_hparams(config));
  HeardIf<TrainingProgress> progress(writes, result.state.step, config.train.steps, out);
  HeardIf<detail::SaveState<MainNet>> save(writes, folder, input, config);
  std::atomic<bool> end{false};
  detail::PassOnStop pass_on(stop, end);
  EarlyStop early(config.early_stop, end, result.state.stop);
  HeardIf<TimeBudget> budget(writes, config.time_budget, end, out);
  auto fit = make_fit(backend, in.train, in.probe, config.train, main_recipe(config, in.levels), in.fit, pass_on, early,
                      budget, metrics, sensitivity, events, progress, save);
  fit.load_ahead(loaders);
  if (neighbours) fit.watch_neighbours(*neighbours);
  fit.run(result.state, end);

  const bool out_of_time = ranks.any(budget.get() != nullptr && budget.get()->stopped());
  const bool interrupted = ranks.any(stop);
  if (result.state.step < config.train.steps)
    result.ending = early.stopped() ? Ending::early_stop
                    : out_of_time   ? Ending::time_budget
                    : interrupted   ? Ending::interrupted
                                    : Ending::collapse;
  if (result.finished()) {
    result.base = base_statistics(backend, backbone(model.net), model.teacher, in.train, config);
    if (writes) save_checkpoint(folder.checkpoint(), result.state, input, fields_to_json(config), result.base);
    if (writes) events.get()->finish(result.state.step);
  }
  return result;
}

}  // namespace sseg

#pragma once
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "sseg/experiment/recipe.hpp"
#include "sseg/experiment/run_folder.hpp"
#include "sseg/experiment/run_inputs.hpp"
#include "sseg/report/metrics_log.hpp"
#include "sseg/report/training_progress.hpp"
#include "sseg/train/checkpoint.hpp"

namespace sseg {

namespace detail {

/// Writes checkpoint and history after every look at the probe. The finished one is written by `pretrain`, with the
/// mean feature.
template <class Net>
class SaveState {
 public:
  SaveState(const RunFolder& folder, Shape image, const RunConfig& config)
      : folder_(folder), image_(image), steps_(config.train.steps), config_(fields_to_json(config)) {}
  void on_state(const TrainState<Net, float>& state) {
    if (state.step < steps_) save_checkpoint(folder_.checkpoint(), state, image_, config_);
    write_file_atomically(folder_.history(), to_text(fields_to_json(state.history), 2) + "\n");
  }

 private:
  const RunFolder& folder_;
  Shape image_;
  Index steps_;
  Json config_;
};

}  // namespace detail

/// What pretraining leaves behind: the trained state, and the same net before its first step.
struct PretrainResult {
  TrainState<MainNet, float> state;
  bool finished = true;
};

/// The untrained seed net of a configuration, exactly as training starts from it. `image`: what the net reads.
inline TrainState<MainNet, float> untrained_state(const RunConfig& c, Shape image) {
  return start_training<float>(seed_learner(c, image), AdamW::moments, Rng(c.seed).split("init"));
}

/// Pretrains without labels, grows, and writes the run folder as it goes: config.yaml, metrics.csv, history.json,
/// checkpoint.safetensors. `resume`: go on from there instead of from the seed; the result is then, bit for bit, that
/// of a run that was never stopped. `stop`: finish the step, write the checkpoint, return. Throws: Error on settings
/// that make no sense or files that cannot be written.
template <class B>
PretrainResult pretrain(B& backend, const RunConfig& config, const Images& images, const RunFolder& folder,
                        const std::atomic<bool>& stop, std::optional<TrainState<MainNet, float>> resume = std::nullopt,
                        std::FILE* out = stdout) {
  check_config(config);
  const RunInputs in = run_inputs(config, images);
  const Shape input = in.image;
  const bool resumed = resume.has_value();
  PretrainResult result{resumed ? std::move(*resume) : untrained_state(config, input), true};
  auto& model = result.state.model;

  model.net.out_shape({1, input[0], input[1], input[2]});  // throws when a resumed net reads other images
  write_file_atomically(folder.config(), to_yaml(config));
  if (resumed) trim_metrics(folder.metrics(), result.state.step);
  MetricsLog metrics(folder.metrics(), resumed, static_cast<Index>(result.state.history.size()),
                     model.net.param_count(), model.net.macs({1, input[0], input[1], input[2]}));
  TrainingProgress progress(result.state.step, config.train.steps, out);
  detail::SaveState<MainNet> save(folder, input, config);
  auto fit = make_fit(backend, in.train, in.probe, config.train, main_recipe(config), in.fit, metrics, progress, save);
  fit.run(result.state, stop);

  result.finished = result.state.step >= config.train.steps;
  if (result.finished) {
    const Features base =
        Embedder<B>(backend).embed(backbone(model.net), model.teacher, framed(in.train, main_frame(config)));
    save_checkpoint(folder.checkpoint(), result.state, input, fields_to_json(config), base.mean());
  }
  return result;
}

}  // namespace sseg

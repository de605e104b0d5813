#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "sseg/experiment/config.hpp"
#include "sseg/experiment/evaluation_picture.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/train/checkpoint.hpp"

namespace sseg {

/// How a classifier sees pictures, where it shall not be as the run's evaluation does.
struct ClassifierOptions {
  std::string features = "auto";  ///< plain, whitened, or auto: whitened where the checkpoint has a whitening
  std::optional<Index> copies{};  ///< distorted copies beside every picture; empty: as the run's evaluation
};

/// A checkpoint as a classifier uses it: the averaged teacher and how pictures are brought to it.
struct ClassifierNet {
  MainNet net;
  ParamStore<float> teacher;
  BaseStatistics base;
  RunConfig config;       ///< of the run; evaluation.copies as asked for
  Shape picture;          ///< (H, W, C) of `evaluation_picture`
  bool whitened = false;  ///< features are whitened by `base`

  /// "cosine of whitened features, best match of 32 copies"
  std::string protocol() const {
    const EvaluationConfig& e = config.evaluation;
    std::string text = whitened ? "cosine of whitened features" : "cosine of features";
    if (e.copies > 0)
      text += (best_match(e) ? ", best match of " : ", averaged over ") + std::to_string(e.copies) + " copies";
    return text;
  }
};

/// The net of a checkpoint file, or of the run folder that holds one.
/// Throws: Error as `load_checkpoint`; when the file lacks its configuration, or the options ask for what there is not.
inline ClassifierNet load_classifier_net(std::filesystem::path path, const ClassifierOptions& options = {}) {
  if (std::filesystem::is_directory(path)) path /= "checkpoint.safetensors";
  auto checkpoint = load_checkpoint<MainNet>(path);
  if (checkpoint.config.empty())
    throw Error("the checkpoint does not say how its pictures were prepared", path.string(),
                "take one that train_sseg or pretrain_folder wrote");
  ClassifierNet n{std::move(checkpoint.state.model.net),
                  std::move(checkpoint.state.model.teacher),
                  std::move(checkpoint.base),
                  {},
                  {}};
  fields_from_json(checkpoint.config, n.config, "config of " + path.string());
  EvaluationConfig& e = n.config.evaluation;
  if (options.copies) e.copies = *options.copies;
  if (e.copies == 0) e.match = "mean";
  check_config(n.config);
  const std::string& f = options.features;
  require(f == "auto" || f == "plain" || f == "whitened", "no such features", "features",
          "give auto, plain or whitened");
  n.whitened = f != "plain" && !n.base.whitening.empty();
  if (f == "whitened" && !n.whitened)
    throw Error("the checkpoint has no whitening: its run was interrupted, or had none", path.string(),
                "finish the run, or take plain features");
  n.picture = evaluation_shape(n.config, checkpoint.image[2]);
  if (main_frame(n.config).out_shape(n.picture) != checkpoint.image)
    throw Error("the configuration in the checkpoint prepares other pictures than its net reads", path.string(),
                "take an undamaged checkpoint");
  return n;
}

}  // namespace sseg

#pragma once
#include <sseg/experiment/load_images.hpp>
#include <sseg/experiment/pretrain.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "command_line.hpp"

/// A run's checkpoint, as --checkpoint names it, and its configuration with the command line's changes.
struct RunToEvaluate {
  std::filesystem::path file;
  sseg::Checkpoint<sseg::MainNet> checkpoint;
  sseg::RunConfig config;

  /// Where reports go: --report_dir, or beside the checkpoint.
  std::filesystem::path report_folder(const CommandLine& args) const {
    return args["--report_dir"].empty() ? file.parent_path() : std::filesystem::path(args["--report_dir"]);
  }
};

/// The checkpoint that a path names: the file, or the one in that run folder.
inline std::filesystem::path checkpoint_at(const std::filesystem::path& path) {
  return std::filesystem::is_directory(path) ? path / "checkpoint.safetensors" : path;
}

/// What was trained on decides what was not. Throws: Error when the command line changes it.
inline void check_same_pictures(sseg::RunConfig of_run, const sseg::RunConfig& now) {
  of_run.data.path = now.data.path;
  sseg::require(of_run.data == now.data && of_run.curriculum == now.curriculum && of_run.seed == now.seed,
                "the pictures of the run are changed", "command line",
                "leave data.*, curriculum.* and seed as the run has them; data.path may name them anew");
}

inline RunToEvaluate open_run(const CommandLine& args) {
  sseg::require(!args["--checkpoint"].empty(), "no checkpoint is named", "--checkpoint",
                "name the checkpoint.safetensors of a run folder");
  std::filesystem::path file = checkpoint_at(args["--checkpoint"]);
  auto checkpoint = sseg::load_checkpoint<sseg::MainNet>(file);
  sseg::RunConfig config;
  sseg::fields_from_json(checkpoint.config, config, "config of " + file.string());
  const sseg::RunConfig of_run = config;
  args.configure(config);
  check_same_pictures(of_run, config);
  return {std::move(file), std::move(checkpoint), std::move(config)};
}

/// Labelled images for episodes, as large as those for training.
struct EvaluationImages {
  sseg::Images images;
  std::string split;
};

/// The labelled pictures of the run's own kind, of classes that it was not trained on: --evaluate names them; a data
/// set with splits is looked for where the run found it, and what is made needs no name.
inline sseg::LabelledImages held_back(const CommandLine& args, const sseg::RunConfig& c) {
  const std::string& source = c.data.source;
  const bool has_splits = source == "cifar_fs" || source == "mini_imagenet" || source == "idx";
  const std::string path = args["--evaluate"].empty() && has_splits ? c.data.path : args["--evaluate"];
  sseg::require(
      synthetic(c.data) == path.empty(), "not what this run can be evaluated on", "--evaluate",
      "Omniglot: name labelled drawings of other alphabets, for example images_background.zip; pictures of your own: a "
      "folder with one for each class; synthetic pictures need nothing");
  return held_back_images(c, source == "omniglot" ? training_data(c) : sseg::AnyDataset(), path,
                          sseg::split_named(args["--split"], "--split"));
}

/// The sets that --omniglot and --cifar_fs name.
inline std::vector<EvaluationImages> named_images(const CommandLine& args, const sseg::RunConfig& c) {
  std::vector<EvaluationImages> sets;
  if (!args["--omniglot"].empty())
    sets.push_back({for_episodes(sseg::load_omniglot(args["--omniglot"], omniglot_options(c.data, c.data.oversample)),
                                 c.evaluation),
                    within_groups(c.evaluation) ? "within alphabet" : "alphabets mixed"});
  if (!args["--cifar_fs"].empty()) {
    const sseg::Split split = sseg::split_named(args["--split"], "--split");
    sseg::require(split != sseg::Split::train || c.data.source != "cifar_fs",
                  "the classes of this split were trained on", "--split", "take validation, or test for the last word");
    sets.push_back(
        {to_float(sseg::load_cifar_fs(args["--cifar_fs"], split)), std::string(to_string(split)) + " classes"});
  }
  return sets;
}

#pragma once
#include <sseg/experiment/pretrain.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "command_line.hpp"

/// The newest run of any name under `root`.
inline std::filesystem::path newest_run(const std::filesystem::path& root) {
  std::filesystem::path newest = root / "NAME" / "latest";
  std::optional<std::filesystem::file_time_type> when;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(root, none)) {
    const auto run = entry.path() / "latest";
    const auto written = std::filesystem::last_write_time(run / "checkpoint.safetensors", none);
    if (!none && (!when || written > *when)) when = written, newest = run;
  }
  return newest;
}

/// Where `--resume` points: a run folder, its checkpoint, or "auto" for the newest run.
inline std::filesystem::path resume_folder(const std::string& given, const std::filesystem::path& root) {
  std::filesystem::path path = given == "auto" ? newest_run(root) : std::filesystem::path(given);
  if (path.filename() == "checkpoint.safetensors") path = path.parent_path();
  if (!std::filesystem::exists(path / "checkpoint.safetensors"))
    throw sseg::Error("there is no checkpoint to resume from", path.string(),
                      "name a run folder, or start without --resume");
  return std::filesystem::canonical(path);
}

/// A resumed run must be the run it was: only its length, its time, its patience, its evaluation, its backend and
/// precision, whether it recomputes and the place of its images may change.
inline void check_resumable(const sseg::RunConfig& before, sseg::RunConfig after) {
  after.train.steps = before.train.steps;
  after.time_budget = before.time_budget;
  after.early_stop = before.early_stop;
  after.evaluation = before.evaluation;
  after.data.path = before.data.path;
  after.data.knn_images = before.data.knn_images;
  after.backend = before.backend;
  after.precision = before.precision;
  after.train.recompute = before.train.recompute;
  sseg::require(
      after == before, "a setting of the resumed run is changed", "--resume",
      "change train.steps, train.recompute, time_budget.*, early_stop.*, data.path, data.knn_images, backend, "
      "precision or evaluation.* only, or start a new run");
}

/// What a run starts from: its settings, and where it goes on or follows another run, that one's state and folder.
struct Start {
  sseg::RunConfig config;
  std::optional<sseg::TrainState<sseg::MainNet, float>> state{};
  std::optional<sseg::RunFolder> folder{};
};

/// The settings and state of an earlier run, with its images where the command line names them. A setting that did not
/// exist when the run was made has its neutral value, not the preset's.
inline Start earlier_run(const std::filesystem::path& folder, const sseg::RunConfig& preset) {
  Start start{sseg::RunConfig{}, {}, sseg::RunFolder(folder)};
  auto checkpoint = sseg::load_checkpoint<sseg::MainNet>(start.folder->checkpoint());
  sseg::fields_from_json(checkpoint.config, start.config, "config of " + start.folder->checkpoint().string());
  sseg::require(preset.data.path.empty() || start.config.data.source == preset.data.source,
                "the earlier run is one on other images", "command line", "leave the flag out, or start a new run");
  if (!preset.data.path.empty()) start.config.data.path = preset.data.path;
  start.state = std::move(checkpoint.state);
  return start;
}

inline Start resumed(const CommandLine& args, const sseg::RunConfig& preset) {
  Start start = earlier_run(resume_folder(args["--resume"], args["--output_dir"]), preset);
  const sseg::RunConfig before = start.config;
  args.configure(start.config);
  check_resumable(before, start.config);
  return start;
}

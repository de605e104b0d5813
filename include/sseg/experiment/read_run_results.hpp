#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "sseg/experiment/run_folder.hpp"
#include "sseg/experiment/run_results.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/safetensors.hpp"
#include "sseg/io/utf8.hpp"
#include "sseg/report/read_metrics.hpp"

namespace sseg {

namespace detail {

/// A JSON object in a file. Throws: Error when it is not there or damaged.
inline Json read_report(const std::filesystem::path& file) {
  Json json = parse_json(read_file(file, Index{1} << 28), file.string());
  if (!json.is_object()) throw Error("found no object", file.string(), "take an undamaged file, or make it again");
  return json;
}

/// Reads the value of a key into `out`. Throws: Error where it is missing and needed, or of the wrong type.
template <class T>
void read_entry(const Json& report, const char* key, T& out, const std::filesystem::path& file, bool needed) {
  std::string place;
  if (const Json* entry = find_json_field(report, key, file.string(), place))
    fields_from_json(*entry, out, place);
  else if (needed)
    throw Error("the report has no '" + std::string(key) + "'", file.string(), "make it again");
}

/// What an eval.json holds. Throws: Error when it has no results.
inline void read_evaluation(const std::filesystem::path& file, RunResults& r) {
  const Json report = read_report(file);
  read_entry(report, "results", r.few_shot, file, true);
  read_entry(report, "comparisons", r.differences, file, false);
  read_entry(report, "ci95", r.few_shot_interval, file, false);
}

inline RunConfig config_of_run(const std::filesystem::path& checkpoint) {
  const SafeTensors file = SafeTensors::load(checkpoint);
  const auto text = file.metadata.find("config");
  if (text == file.metadata.end())
    throw Error("the checkpoint has no configuration", checkpoint.string(), "take one that train_sseg wrote");
  const std::string where = "config of " + checkpoint.string();
  RunConfig config;
  fields_from_json(parse_json(text->second, where), config, where);
  return config;
}

/// "NAME/TIME", the end of the path without links.
inline std::string run_label(const std::filesystem::path& folder) {
  const auto path = std::filesystem::canonical(folder);
  return as_utf8((path.parent_path().filename() / path.filename()).string());
}

}  // namespace detail

/// Reads what a run folder holds so far, evaluated or not. Throws: Error when it is no run folder, or on a file that is
/// damaged.
inline RunResults read_run_so_far(const std::filesystem::path& path) {
  const RunFolder folder(path);
  std::error_code none;
  const auto has = [&](const std::filesystem::path& file) { return std::filesystem::exists(file, none); };
  if (!has(folder.checkpoint()))
    throw Error("this is no run folder: it has no checkpoint.safetensors", path.string(),
                "name the folder that train_sseg printed, for example runs/demo/latest");
  const auto runs = path / "eval_runs.json", paths = path / "eval_paths.json", fork = path / "fork.json";

  RunResults r;
  r.label = detail::run_label(path);
  r.config = detail::config_of_run(folder.checkpoint());
  if (has(folder.meta())) r.meta = read_run_meta(folder.meta());
  if (has(folder.metrics())) r.metrics = read_metrics(folder.metrics());
  if (has(folder.sensitivity())) r.sensitivity = read_rows<SensitivityRow>(folder.sensitivity());
  if (has(folder.history()))
    fields_from_json(parse_json(read_file(folder.history(), Index{1} << 28), folder.history().string()), r.history,
                     folder.history().string());
  if (has(folder.evaluation())) detail::read_evaluation(folder.evaluation(), r);
  if (has(runs)) {
    const Json report = detail::read_report(runs);
    detail::read_entry(report, "results", r.omniglot, runs, true);
    detail::read_entry(report, "score", r.omniglot_score, runs, false);
  }
  if (has(paths)) detail::read_entry(detail::read_report(paths), "reports", r.paths, paths, true);
  if (has(fork)) detail::read_entry(detail::read_report(fork), "fork", r.fork.emplace(), fork, true);
  return r;
}

/// Reads what an evaluated run left in its folder. Throws: Error as `read_run_so_far`, and when the run was not
/// evaluated.
inline RunResults read_run_results(const std::filesystem::path& path) {
  const RunFolder folder(path);
  std::error_code none;
  const auto has = [&](const std::filesystem::path& file) { return std::filesystem::exists(file, none); };
  const bool evaluated = has(folder.evaluation()) || has(path / "eval_runs.json") || has(path / "eval_paths.json");
  if (has(folder.checkpoint()) && !evaluated)
    throw Error("the run was not evaluated: it has none of eval.json, eval_runs.json and eval_paths.json",
                path.string(), "first: evaluate_fewshot --checkpoint " + path.string());
  return read_run_so_far(path);
}

/// Reads the runs in these folders. Throws: Error as `read_run_results`, and for a run that is named twice.
inline std::vector<RunResults> read_runs(const std::vector<std::filesystem::path>& folders) {
  std::vector<RunResults> runs;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    runs.push_back(read_run_results(folders[i]));
    for (std::size_t j = 0; j < i; ++j) {
      if (std::filesystem::equivalent(folders[i], folders[j]))
        throw Error("a run is named twice", folders[i].string(), "name each once; 'latest' is one of the others");
      if (runs[j].label == runs[i].label) runs[i].label = as_utf8(folders[i].string());
    }
  }
  return runs;
}

/// Reads what several eval.json say, each as a run whose label is its file and of whose configuration only the seed is
/// known: whoever names the files has to see to it that their runs are alike otherwise. Throws: Error for a file that
/// is damaged or has no results, for results of several seeds in one file, and for a seed that an earlier file has.
inline std::vector<RunResults> read_evaluations(const std::vector<std::filesystem::path>& files) {
  std::vector<RunResults> runs;
  for (const auto& file : files) {
    RunResults r{.label = as_utf8(file.string())};
    detail::read_evaluation(file, r);
    if (r.few_shot.empty()) throw Error("the report has no results", file.string(), "evaluate the run again");
    r.config.seed = r.few_shot.front().seed;
    for (const FewShotRow& row : r.few_shot)
      if (row.seed != r.config.seed)
        throw Error("the report has results of several seeds", file.string(), "make it again");
    for (const RunResults& other : runs)
      if (other.config.seed == r.config.seed)
        throw Error("seed " + std::to_string(r.config.seed) + " occurs twice", other.label + ", " + r.label,
                    "name one result of each seed, of runs that differ in the seed alone");
    runs.push_back(std::move(r));
  }
  return runs;
}

}  // namespace sseg

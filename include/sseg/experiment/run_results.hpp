#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sseg/evolve/history.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/few_shot_comparison.hpp"
#include "sseg/experiment/few_shot_report.hpp"
#include "sseg/experiment/fork_report.hpp"
#include "sseg/experiment/omniglot_report.hpp"
#include "sseg/experiment/path_report.hpp"
#include "sseg/experiment/run_meta.hpp"
#include "sseg/report/metrics_log.hpp"
#include "sseg/report/sensitivity_log.hpp"

namespace sseg {

/// What one run left behind in its folder, as far as it is there.
struct RunResults {
  std::string label{};  ///< "demo/2026-11-28_15-04-47"
  RunConfig config{};
  std::optional<RunMeta> meta{};
  std::vector<MetricsRow> metrics{};
  std::vector<SensitivityRow> sensitivity{};  ///< stage by stage at every look at the probe
  History history{};
  std::vector<FewShotRow> few_shot{};            ///< of eval.json
  std::vector<FewShotComparison> differences{};  ///< of eval.json
  std::string few_shot_interval{};               ///< how eval.json says that its intervals were made
  std::vector<OmniglotRow> omniglot{};           ///< of eval_runs.json
  std::string omniglot_score{};                  ///< how eval_runs.json says that its errors are scored
  std::vector<PathReport> paths{};               ///< of eval_paths.json
  std::optional<ForkReport> fork{};              ///< of fork.json
};

}  // namespace sseg

#pragma once
#include <filesystem>

#include "sseg/concepts/callback.hpp"
#include "sseg/report/csv.hpp"

namespace sseg {

/// One line of sensitivity.csv: how much the loss leans on a stage, by the run's method, after the look at the probe
/// and the mutation it may have brought.
struct SensitivityRow {
  Index step = 0, stage = 0;
  double sensitivity = 0;
};

}  // namespace sseg

SSEG_FIELDS(sseg::SensitivityRow, step, stage, sensitivity);

namespace sseg {

/// Callback that writes sensitivity.csv, one line a stage at every look at the probe. Before a resume, `trim_metrics`
/// takes away what a killed run wrote too much, as it does for metrics.csv.
class SensitivityLog {
 public:
  /// `append`: go on with a file that is there. Throws: Error when the file cannot be opened.
  SensitivityLog(const std::filesystem::path& file, bool append) : csv_(file, append) {}

  void on_probe(const ProbeInfo&) { due_ = true; }
  /// Writes nothing where a run was stopped between two looks: going on must give the same file.
  template <class State>
  void on_state(const State& state) {
    if (!due_) return;
    due_ = false;
    SensitivityRow row{.step = state.step};
    for (const double value : state.sensitivity.values()) {
      row.sensitivity = value;
      csv_.write(row);
      ++row.stage;
    }
  }

 private:
  CsvWriter csv_;
  bool due_ = false;
};

}  // namespace sseg

#pragma once
#include <cmath>
#include <filesystem>

#include "sseg/concepts/callback.hpp"
#include "sseg/evolve/history.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/report/csv.hpp"

namespace sseg {

/// One line of metrics.csv: written at every look at the probe; the loss is the mean since the line before.
struct MetricsRow {
  Index step = 0;
  double loss = 0;
  float rate = 0;
  double probe = 0;
  Index mutations = 0;
  Index params = 0, macs = 0;
};

}  // namespace sseg

SSEG_FIELDS(sseg::MetricsRow, step, loss, rate, probe, mutations, params, macs);

namespace sseg {

/// Callback that writes metrics.csv.
class MetricsLog {
 public:
  /// `params` and `macs` of the net as it is now.
  MetricsLog(const std::filesystem::path& file, bool append, Index mutations, Index params, Index macs)
      : csv_(file, append) {
    row_.mutations = mutations;
    row_.params = params;
    row_.macs = macs;
  }

  void on_step(const StepInfo& s) {
    sum_ += s.loss;
    ++count_;
    row_.rate = s.rate;
  }
  void on_probe(const ProbeInfo& p) {
    row_.step = p.at.step;
    row_.probe = p.probe;
    row_.loss = count_ > 0 ? sum_ / static_cast<double>(count_) : std::nan("");
    csv_.write(row_);
    sum_ = 0;
    count_ = 0;
  }
  void on_mutation(const MutationRecord& m) {
    ++row_.mutations;
    row_.params = m.params_after;
    row_.macs = m.macs_after;
  }

 private:
  CsvWriter csv_;
  MetricsRow row_;
  double sum_ = 0;
  Index count_ = 0;
};

}  // namespace sseg

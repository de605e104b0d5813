#pragma once
#include <cstdio>
#include <string>

#include "sseg/concepts/callback.hpp"
#include "sseg/core/progress.hpp"
#include "sseg/evolve/history.hpp"
#include "sseg/ssl/collapse_report.hpp"

namespace sseg {

/// Callback that shows training on a terminal, or as plain lines in a pipe; mutations get a line of their own.
class TrainingProgress {
 public:
  explicit TrainingProgress(Index first, Index steps, std::FILE* out = stdout)
      : bar_("pretrain", steps, out), first_(first) {}

  void on_step(const StepInfo& s) {
    const bool due = bar_.due(s.at.step);
    if (due || s.loss.here()) loss_ = loss_ < 0 ? double{s.loss} : 0.95 * loss_ + 0.05 * s.loss;
    if (due) bar_.update(s.at.step, note(), first_);
  }
  void on_probe(const ProbeInfo& p) { probe_ = p.probe, knn_ = p.knn; }
  void on_mutation(const MutationRecord& m) {
    char text[256];
    std::snprintf(text, sizeof text, "  step %td: %s %s; %td -> %td parameters, net %s, probe %.3f -> %.3f", m.step,
                  m.kind.c_str(), m.place.c_str(), m.params_before, m.params_after, m.net_after.c_str(), m.probe_before,
                  m.probe_after);
    bar_.say(text);
  }

  void on_collapse(const CollapseReport& r) { bar_.say("  " + r.message()); }

 private:
  std::string note() const {
    char text[64];
    std::snprintf(text, sizeof text, "loss %.3f", loss_);
    std::string all = text;
    const auto add = [&](const char* name, double value) {
      std::snprintf(text, sizeof text, "  %s %.3f", name, value);
      if (value >= 0) all += text;
    };
    add("probe", probe_);
    add("knn", knn_);
    return all;
  }

  ProgressBar bar_;
  Index first_;
  double loss_ = -1, probe_ = -1, knn_ = -1;
};

}  // namespace sseg

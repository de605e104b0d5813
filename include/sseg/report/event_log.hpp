#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/concepts/callback.hpp"
#include "sseg/evolve/history.hpp"
#include "sseg/report/event_hparams.hpp"
#include "sseg/report/event_writer.hpp"
#include "sseg/ssl/collapse_report.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// Callback that writes TensorBoard's event file of a run. At every look at the probe the numbers of metrics.csv as
/// scalars and the distribution of every parameter tensor of the student as histograms; mutations and verdicts of the
/// collapse monitor as text when they happen. Between two looks at the probe it does nothing but remember the rate.
class EventLog {
 public:
  /// Where the run begins; in a resumed run the steps before are in an earlier file.
  struct Begin {
    Index step = 0;
    Index mutations = 0, params = 0, macs = 0;  ///< of the net at that step
  };

  EventLog(const std::filesystem::path& folder, const Begin& begin, std::vector<EventHparam> settings)
      : writer_(folder), net_(begin) {
    writer_.start(begin.step + 1);
    const EventHparams about{std::move(settings), {"training/probe", "training/loss", "net/params", "net/macs"}};
    const double now = EventWriter::now();
    writer_.write(begin.step, EventSummary()
                                  .plugin_data("_hparams_/experiment", "hparams", about.experiment(now))
                                  .plugin_data("_hparams_/session_start_info", "hparams", about.session_start(now)));
  }

  void on_step(const StepInfo& s) { rate_ = s.rate; }
  void on_probe(const ProbeInfo& p) {
    EventSummary now;
    now.scalar("training/probe", p.probe).scalar("training/rate", static_cast<double>(rate_));
    if (!std::isnan(p.loss)) now.scalar("training/loss", p.loss);
    if (!std::isnan(p.knn)) now.scalar("training/knn", p.knn);
    now.scalar("net/params", static_cast<double>(net_.params))
        .scalar("net/macs", static_cast<double>(net_.macs))
        .scalar("net/mutations", static_cast<double>(net_.mutations));
    if (std::any_of(p.levels.begin(), p.levels.end(), [](double share) { return share > 0; }))
      for (std::size_t l = 0; l < p.levels.size(); ++l)
        now.scalar("curriculum/level_" + std::to_string(l + 1), p.levels[l]);
    writer_.write(p.at.step, now);
  }
  void on_mutation(const MutationRecord& m) {
    ++net_.mutations;
    net_.params = m.params_after;
    net_.macs = m.macs_after;
    std::array<char, 256> numbers{};
    std::snprintf(numbers.data(), numbers.size(),
                  "| | before | after |\n|---|---|---|\n| parameters | %td | %td |\n| multiply-adds | %td | %td |\n"
                  "| probe | %.3f | %.3f |\n",
                  m.params_before, m.params_after, m.macs_before, m.macs_after, m.probe_before, m.probe_after);
    const std::string head = "**" + m.kind + "** " + m.place + ", net " + m.net_after + "\n\n";
    writer_.write(m.step, EventSummary().text("mutations", head + numbers.data()));
  }
  void on_collapse(const CollapseReport& r) { writer_.write(r.step, EventSummary().text("collapse", r.message())); }
  template <class Net>
  void on_state(const TrainState<Net, float>& state) {
    if (std::exchange(shown_, state.step) == state.step) return;  // training ended right after a look
    EventSummary tensors;
    const auto& student = state.model.student;
    for (const auto& e : student.entries)
      if (e.is_param()) tensors.histogram("student/" + e.desc.key, EventHistogram(student.values(e)));
    writer_.write(state.step, tensors);
  }
  /// The run is finished; one that was interrupted says nothing.
  void finish(Index step) {
    const WireWriter end = EventHparams::session_end(EventWriter::now(), true);
    writer_.write(step, EventSummary().plugin_data("_hparams_/session_end_info", "hparams", end));
  }

 private:
  EventWriter writer_;
  Begin net_;
  float rate_ = 0;
  Index shown_ = -1;  ///< step of the last histograms
};

}  // namespace sseg

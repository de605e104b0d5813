#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "sseg/experiment/growth_tables.hpp"

namespace sseg {

/// What became of the probe after each mutation of a run: a row a mutation. Without one there is no table.
inline std::vector<Table> mutation_gains(const RunResults& run) {
  Table t{
      .name = "mutation_gains",
      .caption = "What became of the probe after each mutation",
      .columns = {{"step", ""},
                  {"mutation", ""},
                  {"place", ""},
                  {"probe before", ""},
                  {"probe at the end of the stretch", ""},
                  {"gain", ""},
                  {"looks", ""},
                  {"added parameters", ""},
                  {"added MACs", ""}},
      .rows = {},
      .notes = {"A stretch ends at the last look at the probe before the next mutation, or with the run. This is no "
                "proof that a mutation helped: training went on too, and might have gained as much without it. "
                "fork_growth trains on with and without a mutation, from one checkpoint over the same batches: "
                "fork_growth --checkpoint RUN_FOLDER --orders 5"}};
  for (std::size_t i = 0; i < run.history.size(); ++i) {
    const MutationRecord& m = run.history[i];
    const MetricsRow* last = nullptr;
    Index looks = 0;
    for (const MetricsRow& row : run.metrics) {
      // The look at which the next mutation is made still shows the net before it.
      const bool before_next = i + 1 == run.history.size() || row.step <= run.history[i + 1].step;
      if (row.step > m.step && before_next) last = &row, ++looks;
    }
    Cell gain;
    if (last != nullptr) gain = {last->probe - m.probe_before, 3}, gain.plus = true;
    t.add({count_cell(m.step),
           m.kind,
           m.place,
           {m.probe_before, 3},
           last != nullptr ? Cell(last->probe, 3) : Cell(),
           gain,
           count_cell(looks),
           count_cell(m.params_after - m.params_before),
           count_cell(m.macs_after - m.macs_before)});
  }
  return t.rows.empty() ? std::vector<Table>{} : std::vector<Table>{t};
}

}  // namespace sseg

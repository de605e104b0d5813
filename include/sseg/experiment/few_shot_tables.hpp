#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sseg/evolve/mean_t95.hpp"
#include "sseg/experiment/run_results.hpp"
#include "sseg/report/table_cells.hpp"
#include "sseg/report/table_groups.hpp"

namespace sseg {

namespace detail {

/// "5-way episodes of shapes, held-back kinds; 15 query images a class, 600 episodes"
inline std::string conditions_of(const FewShotRow& r) {
  return std::to_string(r.way) + "-way episodes of " + r.dataset + ", " + r.split + "; " + std::to_string(r.query) +
         " query images a class, " + std::to_string(r.episodes) + " episodes";
}

inline Column shot_column(Index shot, const std::string& unit) { return {std::to_string(shot) + "-shot", unit}; }

/// Strong are the largest values of each column.
inline void mark_best(Table& table) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const auto value = [c](const auto& row) { return row[c].half_width ? *row[c].value : -1; };
    double best = 0;
    for (const auto& row : table.rows) best = std::max(best, value(row));
    for (auto& row : table.rows) row[c].strong = value(row) == best;
  }
}

/// How the intervals over episodes were made; "" where eval.json does not say.
inline std::string interval_note(const RunResults& run) {
  if (run.few_shot_interval.empty()) return "";
  return "± over episodes: 95 % by " + run.few_shot_interval + "; their noise, not that of training.";
}

}  // namespace detail

/// Accuracy of every net and protocol with its interval, a column for each number of shots; a table for each data set,
/// split and kind of episode.
inline std::vector<Table> few_shot_tables(const std::vector<RunResults>& runs) {
  TableGroups groups({"run", "seed", "net", "protocol"});
  for (const RunResults& run : runs)
    for (const FewShotRow& r : run.few_shot) {
      TableGroup& g = groups[detail::conditions_of(r)];
      g.pivot.add({run.label, std::to_string(r.seed), r.net, r.protocol}, detail::shot_column(r.shot, "%"),
                  {r.accuracy, r.ci95, 2});
      g.note(detail::interval_note(run));
    }
  auto tables = groups.tables("few_shot", "Few-shot accuracy");
  for (Table& t : tables) {
    detail::mark_best(t);
    t.notes.emplace_back("The seed is that of training and of the episodes. Strong: the highest mean of a column.");
  }
  return tables;
}

/// Paired differences of two nets on the same episodes, in points.
inline std::vector<Table> difference_tables(const std::vector<RunResults>& runs) {
  TableGroups groups({"run", "seed", "net", "minus", "protocol"});
  for (const RunResults& run : runs)
    for (const FewShotComparison& d : run.differences) {
      const auto row = std::find_if(run.few_shot.begin(), run.few_shot.end(), [&](const FewShotRow& r) {
        return r.protocol == d.protocol && r.way == d.way && r.shot == d.shot && r.query == d.query;
      });
      if (row == run.few_shot.end())
        throw Error("eval.json compares nets under a protocol that has no results: " + d.protocol, run.label,
                    "evaluate the run again");
      groups[detail::conditions_of(*row)].pivot.add(
          {run.label, std::to_string(row->seed), d.net, d.against, d.protocol}, detail::shot_column(d.shot, "points"),
          difference_cell(d.difference));
    }
  auto tables = groups.tables("differences", "Differences of accuracy, paired by episode");
  for (Table& t : tables)
    t.notes.emplace_back(
        "± Student's t·s/√n, 95 %, over n episodes: the noise of the episodes for these trained nets, not of "
        "training.");
  return tables;
}

/// Errors of the Omniglot one-shot runs.
inline std::vector<Table> omniglot_tables(const std::vector<RunResults>& runs) {
  Table t{.name = "omniglot_runs",
          .caption = "Omniglot one-shot runs: mean of the run errors",
          .columns = {{"run", ""},
                      {"seed", ""},
                      {"net", ""},
                      {"protocol", ""},
                      {"runs", ""},
                      {"trials", ""},
                      {"errors", ""},
                      {"error", "%"}},
          .rows = {},
          .notes = {}};
  for (const RunResults& run : runs)
    for (const OmniglotRow& r : run.omniglot) {
      Cell error(r.error, 2);
      if (r.run_errors.size() > 1) error.half_width = mean_t95(r.run_errors).half_width;
      t.add({run.label, std::to_string(run.config.seed), r.net, r.protocol, count_cell(r.runs), count_cell(r.trials),
             count_cell(r.errors), error});
      if (t.notes.empty() && !run.omniglot_score.empty()) t.notes.push_back("Error: " + run.omniglot_score + ".");
    }
  if (t.rows.empty()) return {};
  t.notes.emplace_back("± Student's t·s/√runs, 95 %, over the run errors. The seed is that of training.");
  return {t};
}

}  // namespace sseg

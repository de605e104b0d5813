#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sseg/experiment/few_shot_tables.hpp"
#include "sseg/experiment/run_results.hpp"
#include "sseg/report/table_cells.hpp"
#include "sseg/report/table_groups.hpp"

namespace sseg {

namespace detail {

/// "taylor, weight, global, afterwards; student, recalibrated"
inline std::string masks_text(const PathMasksRow& m) {
  return m.criterion + ", " + m.unit + ", " + m.scope + ", " + m.made + "; " + m.net + ", " + m.statistics;
}

/// What a row of every table about paths begins with.
inline std::vector<Cell> path_key(const RunResults& run, const PathMasksRow& m) {
  return {run.label, masks_text(m), {100 * m.kept, 1}};
}

inline Table path_costs(const std::vector<RunResults>& runs) {
  Table t{.name = "path_costs",
          .caption = "Paths that were made a net of their own",
          .columns = {{"run", ""},
                      {"masks", ""},
                      {"kept (%)", ""},
                      {"net", ""},
                      {"widths", ""},
                      {"MACs", ""},
                      {"parameters", ""},
                      {"time", "ms"}},
          .rows = {},
          .notes = {"Of the backbone, for one image; time by the clock, other work on the machine included."}};
  for (const RunResults& run : runs)
    for (const PathReport& p : run.paths)
      for (const PathCostRow& c : p.costs) {
        std::vector<Cell> row = path_key(run, p.masks);
        row.insert(row.end(), {c.net, c.widths, count_cell(c.cost.macs), count_cell(c.cost.params)});
        row.emplace_back(c.cost.milliseconds, 3);
        t.add(std::move(row));
      }
  return t;
}

}  // namespace detail

/// What evaluate_paths found: accuracy of the dense net, of its two paths and of as many weights taken at random, their
/// paired differences, and what paths cost that were made nets of their own. Tables `paths`, `path_differences` and
/// `path_costs`, the first two for each data set, split and kind of episode.
inline std::vector<Table> path_tables(const std::vector<RunResults>& runs) {
  TableGroups accuracies({"run", "masks", "kept (%)", "net"}), differences({"run", "masks", "kept (%)", "difference"});
  for (const RunResults& run : runs)
    for (const PathReport& p : run.paths) {
      const auto add = [&](TableGroups& groups, Index shot, const std::string& what, const char* unit,
                           const Cell& value) {
        std::vector<Cell> key = detail::path_key(run, p.masks);
        key.emplace_back(what);
        const FewShotRow& about = p.results.front();
        groups[detail::conditions_of(about) + "; " + about.protocol].pivot.add(key, detail::shot_column(shot, unit),
                                                                               value);
      };
      for (const FewShotRow& r : p.results) add(accuracies, r.shot, r.net, "%", {r.accuracy, r.ci95, 2});
      if (p.results.empty()) continue;
      for (const PathDifferenceRow& d : p.differences)
        add(differences, d.shot, d.of, "points", difference_cell(d.points));
    }
  std::vector<Table> all = accuracies.tables("paths", "Few-shot accuracy of paths");
  for (Table& t : all)
    t.notes.emplace_back(
        "Masks: what made a unit important, the unit, where units compete, who made them; whose weights, statistics of "
        "the norms. Random: the mean over masks that keep as much. ± over episodes: 95 % by 1.96·s/√episodes; not the "
        "noise of training, nor of the draw of masks.");
  for (Table& t : differences.tables("path_differences", "Differences of paths, paired by episode")) {
    t.notes.emplace_back(
        "± Student's t·s/√n, 95 %, over n episodes: their noise for these nets, not that of training.");
    all.push_back(std::move(t));
  }
  if (Table costs = detail::path_costs(runs); !costs.rows.empty()) all.push_back(std::move(costs));
  return all;
}

}  // namespace sseg

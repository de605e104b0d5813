#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/evolve/mean_t95.hpp"
#include "sseg/experiment/few_shot_tables.hpp"

namespace sseg {

namespace detail {

/// Runs that differ in nothing but their seed (and their name).
struct SeedGroup {
  RunConfig config;  ///< of the first, without its seed
  std::vector<const RunResults*> runs{};
  std::vector<std::string> left_out{};  ///< labels of runs whose seed an earlier one has: the same run again
};

inline std::vector<SeedGroup> seed_groups(const std::vector<RunResults>& runs) {
  std::vector<SeedGroup> groups;
  for (const RunResults& run : runs) {
    RunConfig config = run.config;
    config.seed = 0;
    config.name.clear();
    const auto same = [&](const SeedGroup& g) { return g.config == config; };
    auto group = std::find_if(groups.begin(), groups.end(), same);
    if (group == groups.end()) group = groups.insert(group, SeedGroup{config});
    const auto has_seed = [&](const RunResults* r) { return r->config.seed == run.config.seed; };
    if (std::any_of(group->runs.begin(), group->runs.end(), has_seed))
      group->left_out.push_back(run.label);
    else
      group->runs.push_back(&run);
  }
  return groups;
}

/// The values of the runs of one group, a table for each of the conditions and protocols.
inline TableGroups seed_values(const SeedGroup& group) {
  TableGroups tables({"seed", "run"});
  for (const RunResults* run : group.runs) {
    const std::vector<Cell> key{std::to_string(run->config.seed), run->label};
    for (const FewShotRow& r : run->few_shot) {
      TableGroup& g = tables[conditions_of(r) + "; " + r.protocol];
      g.pivot.add(key, {r.net + ", " + std::to_string(r.shot) + "-shot", "%"}, {r.accuracy, r.ci95, 2});
      g.note(interval_note(*run));
    }
    for (const OmniglotRow& r : run->omniglot)
      tables["Omniglot one-shot runs; " + std::to_string(r.runs) + " runs, " + std::to_string(r.trials) + " trials; " +
             r.protocol]
          .pivot.add(key, {r.net + ", error", "%"}, {r.error, 2});
  }
  return tables;
}

/// Adds the mean of every column of numbers over the rows, with its interval. Rows that lack a value are taken out, and
/// named in the notes.
inline void add_mean_over_seeds(Table& t) {
  const auto lacks = [](const std::vector<Cell>& row) {
    return std::any_of(row.begin() + 2, row.end(), [](const Cell& cell) { return !cell.value; });
  };
  for (const auto& row : t.rows)
    if (lacks(row)) t.notes.push_back(row[1].text + " is left out: it lacks a value.");
  t.rows.erase(std::remove_if(t.rows.begin(), t.rows.end(), lacks), t.rows.end());
  if (t.rows.size() < 2) return;
  std::vector<Cell> mean{"mean of " + std::to_string(t.rows.size()), {}};
  for (std::size_t c = 2; c < t.columns.size(); ++c) {
    std::vector<double> values;
    for (const auto& row : t.rows) values.push_back(*row[c].value);
    const MeanCi over_seeds = mean_t95(values);
    mean.emplace_back(over_seeds.mean, over_seeds.half_width, 2);
  }
  for (Cell& cell : mean) cell.strong = true;
  t.add(std::move(mean));
}

}  // namespace detail

/// Runs of one configuration with other seeds: a row a seed, then their mean where there are two or more; a table for
/// each configuration, data set and protocol that `least` runs or more have. Of two runs with one seed the later one is
/// left out, and named in the notes.
inline std::vector<Table> seed_tables(const std::vector<RunResults>& runs, std::size_t least = 2) {
  std::vector<Table> all;
  for (const detail::SeedGroup& group : detail::seed_groups(runs))
    for (Table& t : detail::seed_values(group).tables("seeds", "Seeds")) {
      detail::add_mean_over_seeds(t);
      if (t.rows.size() < least) continue;
      t.name = all.empty() ? "seeds" : "seeds_" + std::to_string(all.size() + 1);
      for (const std::string& label : group.left_out)
        t.notes.push_back(label + " is left out: another run has its seed.");
      t.notes.emplace_back(
          "The seed is that of training and, where there are episodes, of these. "
          "± of the mean: 95 % by Student's t·s/√n over n seeds.");
      all.push_back(std::move(t));
    }
  return all;
}

}  // namespace sseg

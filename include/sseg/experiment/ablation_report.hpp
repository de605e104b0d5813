#pragma once
#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sseg/evolve/mean_t95.hpp"
#include "sseg/evolve/paired_difference.hpp"
#include "sseg/experiment/ablation_cell.hpp"
#include "sseg/report/table.hpp"
#include "sseg/report/table_cells.hpp"

namespace sseg {

/// One variant under one protocol. Accuracies in percent, differences (variant − base) in points.
struct AblationRow {
  std::string variant{}, protocol{};
  Index way = 0, shot = 0, query = 0, episodes = 0;
  std::vector<std::uint64_t> seeds{};    ///< that are finished
  std::vector<double> accuracies{};      ///< of each seed, mean over its episodes
  PairedDifference accuracy{};           ///< mean over seeds with its interval; against 0
  PairedDifference over_seeds{};         ///< pairs: seeds; the noise of training, for these episodes. n = 0: one seed
  PairedDifference over_episodes{};      ///< pairs: episodes, each the mean over the seeds; for these trained nets
  double params = 0, training_macs = 0;  ///< means over the seeds
};

/// ablation.json: every variant under every protocol of its cells.
struct AblationReport {
  std::string name{}, dataset{}, split{};
  std::uint64_t episodes_seed = 0;
  std::vector<AblationRow> rows{};
};

}  // namespace sseg

SSEG_FIELDS(sseg::AblationRow, variant, protocol, way, shot, query, episodes, seeds, accuracies, accuracy, over_seeds,
            over_episodes, params, training_macs);
SSEG_FIELDS(sseg::AblationReport, name, dataset, split, episodes_seed, rows);

namespace sseg {

namespace detail {

/// The accuracies of a cell that are compared with `a`: of the same shot and protocol, else the first of that shot.
inline const FewShotAccuracies* counterpart(const CellResult& cell, const FewShotRow& a) {
  const FewShotAccuracies* first = nullptr;
  for (const FewShotAccuracies& one : cell.results) {
    if (one.about.shot != a.shot) continue;
    if (one.about.protocol == a.protocol) return &one;
    if (first == nullptr) first = &one;
  }
  return first;
}

inline double percent(const std::vector<double>& episodes) { return 100 * mean_ci95(episodes).mean; }

/// The cells of a variant, and of the base with the same seeds. A variant without seeds has one cell for all.
struct CellPairs {
  std::vector<const CellResult*> own, base;
};

inline CellPairs pairs_of(const std::vector<CellResult>& cells, const AblationVariant& v) {
  CellPairs pairs;
  for (const CellResult& b : cells) {
    if (b.variant != "base") continue;
    for (const CellResult& c : cells)
      if (c.variant == v.name && (c.seed == b.seed || v.seedless())) pairs.own.push_back(&c), pairs.base.push_back(&b);
  }
  if (pairs.own.empty())  // no base to compare with
    for (const CellResult& c : cells)
      if (c.variant == v.name) pairs.own.push_back(&c);
  return pairs;
}

/// Differences of row `row`, whose protocol is the `p`-th of the variant's cells.
inline void add_differences(AblationRow& row, const CellPairs& pairs, std::size_t p) {
  std::vector<double> own, base, own_episodes, base_episodes;
  for (std::size_t i = 0; i < pairs.base.size(); ++i) {
    const FewShotAccuracies& a = pairs.own[i]->results[p];
    const FewShotAccuracies* b = counterpart(*pairs.base[i], a.about);
    if (b == nullptr || b->episodes.size() != a.episodes.size() || a.episodes.size() < 2) return;
    own.push_back(percent(a.episodes));
    base.push_back(percent(b->episodes));
    own_episodes.resize(a.episodes.size());
    base_episodes.resize(a.episodes.size());
    for (std::size_t e = 0; e < a.episodes.size(); ++e) {
      own_episodes[e] += 100 * a.episodes[e] / static_cast<double>(pairs.base.size());
      base_episodes[e] += 100 * b->episodes[e] / static_cast<double>(pairs.base.size());
    }
  }
  if (own.size() > 1) row.over_seeds = paired_difference(own, base);
  if (!own_episodes.empty()) row.over_episodes = paired_difference(own_episodes, base_episodes);
}

inline AblationRow ablation_row(const AblationVariant& v, const CellPairs& pairs, std::size_t p) {
  const FewShotRow& about = pairs.own.front()->results[p].about;
  AblationRow row{.variant = v.name,
                  .protocol = about.protocol,
                  .way = about.way,
                  .shot = about.shot,
                  .query = about.query,
                  .episodes = about.episodes};
  for (const CellResult* c : pairs.own) {
    if (std::find(row.seeds.begin(), row.seeds.end(), c->seed) != row.seeds.end()) continue;  // the one of all seeds
    row.seeds.push_back(c->seed);
    row.accuracies.push_back(percent(c->results[p].episodes));
    row.params += static_cast<double>(c->params);
    row.training_macs += c->training_macs;
  }
  row.params /= static_cast<double>(row.seeds.size());
  row.training_macs /= static_cast<double>(row.seeds.size());
  const MeanCi over_seeds = mean_t95(row.accuracies);
  row.accuracy = {over_seeds.mean, over_seeds.half_width, over_seeds.count};
  if (v.name != "base") add_differences(row, pairs, p);
  return row;
}

}  // namespace detail

/// What the finished cells of a plan came to, variants in the plan's order; those without a finished cell are left out.
/// Throws: Error when cells of one variant were evaluated under different protocols.
inline AblationReport ablation_report(const AblationPlan& plan, const std::vector<CellResult>& cells) {
  AblationReport report{.name = plan.base.name, .episodes_seed = plan.base.seed};
  for (const AblationVariant& v : plan.variants) {
    const detail::CellPairs pairs = detail::pairs_of(cells, v);
    if (pairs.own.empty()) continue;
    const auto& first = pairs.own.front()->results;
    require(std::all_of(pairs.own.begin(), pairs.own.end(),
                        [&](const CellResult* c) { return c->results.size() == first.size(); }),
            "the cells of a variant were evaluated in different ways", "ablation_report",
            "run them again in a new folder");
    for (std::size_t p = 0; p < first.size(); ++p) report.rows.push_back(detail::ablation_row(v, pairs, p));
    report.dataset = first.front().about.dataset;
    report.split = first.front().about.split;
  }
  return report;
}

namespace detail {

/// Of a variant's rows of one shot, the one that the table shows: the first whose protocol has the words.
inline const AblationRow* shown_row(const AblationReport& report, const std::string& variant, Index shot,
                                    const std::string& words) {
  const AblationRow* first = nullptr;
  for (const AblationRow& row : report.rows) {
    if (row.variant != variant || row.shot != shot) continue;
    if (!words.empty() && row.protocol.find(words) != row.protocol.npos) return &row;
    if (first == nullptr) first = &row;
  }
  return first;
}

inline void add_cells(std::vector<Cell>& cells, const AblationRow* row, bool several_seeds) {
  if (row == nullptr) {
    cells.insert(cells.end(), 2, Cell{});
    return;
  }
  const bool seeds = row->accuracy.n > 1;
  cells.push_back(seeds ? Cell(row->accuracy.mean, row->accuracy.half_width95, 2) : Cell(row->accuracy.mean, 2));
  cells.push_back(difference_cell(several_seeds ? row->over_seeds : row->over_episodes));
}

}  // namespace detail

/// The table people look at: accuracy and difference to the base, for every number of shots, under one protocol.
inline Table ablation_table(const AblationPlan& plan, const AblationReport& report) {
  const EvaluationConfig& e = plan.base.evaluation;
  Table table{.name = "ablation",
              .caption = report.name + ": " + report.dataset + ", " + report.split + "; " + std::to_string(e.episodes) +
                         " episodes of seed " + std::to_string(report.episodes_seed)};
  table.columns = {{"variant", ""}, {"seeds", ""}};
  for (const Index shot : e.shots) {
    table.columns.push_back({std::to_string(e.way) + "-way " + std::to_string(shot) + "-shot", "%"});
    table.columns.push_back({"difference", "points"});
  }
  table.columns.insert(table.columns.end(), {{"parameters", ""}, {"training", "GMAC"}});
  std::string protocols;
  for (const AblationVariant& v : plan.variants) {
    const AblationRow* first = detail::shown_row(report, v.name, e.shots.front(), plan.settings.protocol);
    if (first == nullptr) continue;
    std::vector<Cell> cells{v.name, count_cell(static_cast<Index>(first->seeds.size()))};
    for (const Index shot : e.shots)
      detail::add_cells(cells, detail::shown_row(report, v.name, shot, plan.settings.protocol),
                        plan.settings.seeds.size() > 1);
    cells.emplace_back(first->params, 0);
    cells.emplace_back(first->training_macs * 1e-9, 2);
    table.add(std::move(cells));
    if (protocols.find(first->protocol) == protocols.npos)
      protocols += (protocols.empty() ? "" : "; ") + v.name + ": " + first->protocol;
  }
  table.notes = {
      "protocol of " + protocols, "accuracy: mean over seeds ± Student's t·s/√n, 95 %; one seed has no interval",
      plan.settings.seeds.size() > 1
          ? "difference: variant − base, the same seeds and episodes; mean ± Student's t·s/√n over seeds; empty while "
            "fewer than two are "
            "finished"
          : "difference: variant − base in the same episodes; mean ± Student's t·s/√n over episodes: the noise "
            "of the test alone, for these trained nets",
      "training: forward multiply-adds for one image and view of a step, over all steps"};
  if (plan.settings.seeds.size() > 1)
    for (const AblationVariant& v : plan.variants)
      if (v.seedless())
        table.notes.push_back(
            v.name +
            ": one result, which no seed changes; its difference is to the base of each seed, and the "
            "interval that of the base");
  return table;
}

/// ablation.json. Throws: Error when it cannot be written.
inline void write_ablation(const std::filesystem::path& file, const AblationReport& report) {
  const Json json = {{"difference", "variant minus base, matched pairs, points; mean ± Student's t·s/√n, 95 %"},
                     {"over_seeds", "the noise of training, for these episodes; n = 0: one seed, not known"},
                     {"over_episodes", "the noise of the episodes alone, for these trained nets"},
                     {"ablation", fields_to_json(report)}};
  write_file_atomically(file, to_text(json, 2) + "\n");
}

}  // namespace sseg

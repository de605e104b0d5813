#pragma once
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "sseg/evolve/history.hpp"
#include "sseg/evolve/paired_difference.hpp"
#include "sseg/experiment/few_shot_report.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// One protocol for both arms of a fork. Accuracies in percent, differences (with the mutation − without) in points.
struct ForkRow {
  std::string protocol{};
  Index way = 0, shot = 0, query = 0, episodes = 0;
  double snapshot = 0;          ///< before either arm, mean over episodes
  double plain = 0, grown = 0;  ///< means over episodes and data orders
  /// Pairs: episodes, each with its mean over the data orders. The noise of the episodes alone, for these trained nets.
  PairedDifference over_episodes{};
  /// Pairs: data orders, each trained with and without the mutation, with its mean over the episodes. The noise of
  /// training, for this snapshot and these episodes. n = 0: one order, not known.
  PairedDifference over_orders{};
};

/// All of a fork: the snapshot, what was changed, how both arms went on, and what came of it. fork.json holds it.
struct ForkReport {
  Index step = 0;                        ///< of the snapshot
  Index steps = 0;                       ///< further, each arm
  Index orders = 0;                      ///< data orders, the run's own first
  double rate_first = 0, rate_last = 0;  ///< learning rate of the first and of the last of these steps
  std::string net_before{};
  MutationRecord mutation{};
  std::string dataset{}, split{};
  std::uint64_t seed = 0;  ///< of the run and of the episodes
  std::vector<ForkRow> rows{};
};

}  // namespace sseg

SSEG_FIELDS(sseg::ForkRow, protocol, way, shot, query, episodes, snapshot, plain, grown, over_episodes, over_orders);
SSEG_FIELDS(sseg::ForkReport, step, steps, orders, rate_first, rate_last, net_before, mutation, dataset, split, seed,
            rows);

namespace sseg {

/// Accuracies of one arm: of every data order, the protocols in one sequence.
using ArmAccuracies = std::vector<std::vector<FewShotAccuracies>>;

namespace detail {

/// Of protocol `p` in percent: the mean of every episode over the orders, and of every order over the episodes.
struct ArmMeans {
  std::vector<double> episode, order;
  ArmMeans(const ArmAccuracies& arm, std::size_t p) : episode(arm.front()[p].episodes.size()) {
    for (const auto& protocols : arm) {
      const auto& accuracy = protocols[p].episodes;
      double sum = 0;
      for (std::size_t e = 0; e < episode.size(); ++e) {
        episode[e] += 100 * accuracy[e] / static_cast<double>(arm.size());
        sum += accuracy[e];
      }
      order.push_back(100 * sum / static_cast<double>(episode.size()));
    }
  }
};

}  // namespace detail

/// Pairs the arms, protocol by protocol. Requires: the same orders, protocols and episodes in both, two episodes or
/// more.
inline std::vector<ForkRow> fork_rows(const std::vector<FewShotAccuracies>& snapshot, const ArmAccuracies& plain,
                                      const ArmAccuracies& grown) {
  require(!plain.empty() && plain.size() == grown.size(), "a fork needs both arms of every data order", "fork_rows",
          "give one list of accuracies for each arm and order");
  std::vector<ForkRow> rows;
  for (std::size_t p = 0; p < plain.front().size(); ++p) {
    const detail::ArmMeans without(plain, p), with(grown, p);
    const FewShotRow& about = plain.front()[p].about;
    ForkRow row{.protocol = about.protocol,
                .way = about.way,
                .shot = about.shot,
                .query = about.query,
                .episodes = about.episodes,
                .snapshot = 100 * mean_ci95(snapshot[p].episodes).mean,
                .plain = mean_ci95(without.order).mean,
                .grown = mean_ci95(with.order).mean,
                .over_episodes = paired_difference(with.episode, without.episode)};
    if (plain.size() > 1) row.over_orders = paired_difference(with.order, without.order);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// "+0.52 ± 0.31 points: the interval excludes 0, better with the mutation"
inline std::string in_words(const PairedDifference& d) {
  char text[128];
  std::snprintf(text, sizeof text, "%+.2f ± %.2f points: the interval %s", d.mean, d.half_width95,
                !d.differs() ? "holds 0, no difference is shown"
                : d.mean > 0 ? "excludes 0, better with the mutation"
                             : "excludes 0, worse with the mutation");
  return text;
}

/// Three lines: the accuracies, the difference over episodes, the difference over data orders.
inline std::string to_lines(const ForkRow& r) {
  char text[256];
  std::snprintf(text, sizeof text,
                "%2td-way %td-shot  %.2f %% before, %.2f %% without, %.2f %% with the mutation; %s\n", r.way, r.shot,
                r.snapshot, r.plain, r.grown, r.protocol.c_str());
  return text + ("    over " + std::to_string(r.over_episodes.n) + " episodes, these trained nets:  ") +
         in_words(r.over_episodes) + "\n    " +
         (r.over_orders.n == 0 ? "over data orders: not known, one was trained"
                               : "over " + std::to_string(r.over_orders.n) +
                                     " data orders, these episodes:  " + in_words(r.over_orders));
}

/// fork.json. Throws: Error when it cannot be written.
inline void write_fork(const std::filesystem::path& file, const ForkReport& fork) {
  const Json report = {
      {"difference", "with the mutation minus without, matched pairs, points; mean ± Student's t·s/√n, 95 %"},
      {"over_episodes", "the noise of the episodes alone, for these trained nets"},
      {"over_orders", "the noise of training over other data orders, for this snapshot; n = 0: one order, not known"},
      {"fork", fields_to_json(fork)}};
  write_file_atomically(file, to_text(report, 2) + "\n");
}

}  // namespace sseg

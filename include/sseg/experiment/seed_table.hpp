#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/evolve/mean_t95.hpp"
#include "sseg/experiment/few_shot_report.hpp"

namespace sseg {

/// One protocol over runs that differ in nothing but the seed. Accuracies in percent.
struct SeedRow {
  FewShotRow about{};                 ///< what all of them share; its seed is 0, its accuracy and interval the mean's
  std::vector<std::uint64_t> seed{};  ///< of the runs, rising
  std::vector<double> accuracy{};     ///< of each
};

}  // namespace sseg

SSEG_FIELDS(sseg::SeedRow, about, seed, accuracy);

namespace sseg {

namespace detail {

/// Is the number of the same kind, but for seed and value?
inline bool same_but_seed(FewShotRow a, const FewShotRow& b) {
  a.seed = b.seed, a.accuracy = b.accuracy, a.ci95 = b.ci95;
  return a == b;
}

inline void add_seed(SeedRow& row, const FewShotRow& r) {
  const auto at = std::lower_bound(row.seed.begin(), row.seed.end(), r.seed);
  if (at != row.seed.end() && *at == r.seed)
    throw Error("seed " + std::to_string(r.seed) + " occurs twice", r.net + ", " + r.protocol,
                "give one result of each seed, and only runs that differ in the seed alone");
  row.accuracy.insert(row.accuracy.begin() + (at - row.seed.begin()), r.accuracy);
  row.seed.insert(at, r.seed);
}

}  // namespace detail

/// Gathers the rows of several eval.json (`read_few_shot`) of runs that differ in the seed alone: one row for each net,
/// data set, split, protocol, way and shot, in the order in which they come, with the mean over the seeds and its 95 %
/// interval by Student's t. That is the noise of training and episodes together. Who reads the rows has to see to it
/// that the runs are alike otherwise: an eval.json does not hold the configuration. Throws: Error when a seed occurs
/// twice in a row.
inline std::vector<SeedRow> seed_table(const std::vector<FewShotRow>& rows) {
  std::vector<SeedRow> table;
  for (const FewShotRow& r : rows) {
    auto at =
        std::find_if(table.begin(), table.end(), [&](const SeedRow& t) { return detail::same_but_seed(t.about, r); });
    if (at == table.end()) {
      table.push_back({r, {}, {}});
      at = table.end() - 1;
      at->about.seed = 0;
    }
    detail::add_seed(*at, r);
  }
  for (SeedRow& row : table) {
    const MeanCi over_seeds = mean_t95(row.accuracy);
    row.about.accuracy = over_seeds.mean, row.about.ci95 = over_seeds.half_width;
  }
  return table;
}

/// "trained     5-way 1-shot   43.50 ± 1.20 %   cifar_fs, …; prototypes, cosine, inductive; 600 episodes; seed 1 43.10,
/// 2 43.90"; of one seed "one seed" stands for the interval.
inline std::string to_line(const SeedRow& r) {
  const FewShotRow& a = r.about;
  char text[512], interval[32] = "(one seed)";
  if (r.seed.size() > 1) std::snprintf(interval, sizeof interval, "± %.2f", a.ci95);
  std::snprintf(text, sizeof text, "%-10s %2td-way %td-shot  %6.2f %s %%   %s, %s; %s; %td episodes; seed",
                a.net.c_str(), a.way, a.shot, a.accuracy, interval, a.dataset.c_str(), a.split.c_str(),
                a.protocol.c_str(), a.episodes);
  std::string line = text;
  for (std::size_t i = 0; i < r.seed.size(); ++i) {
    std::snprintf(text, sizeof text, "%s %llu %.2f", i == 0 ? "" : ",", static_cast<unsigned long long>(r.seed[i]),
                  r.accuracy[i]);
    line += text;
  }
  return line;
}

}  // namespace sseg

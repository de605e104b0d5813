#pragma once
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sseg/augment/warp.hpp"
#include "sseg/data/images.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/fewshot/best_match.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/fewshot/evaluate.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// One number and everything needed to know what it is. Accuracy and half-width of the 95 % interval in percent.
struct FewShotRow {
  std::string net{};  ///< "trained" or "untrained", or what the caller compares
  std::string dataset{};
  std::string split{};
  std::string protocol{};   ///< "prototypes, cosine, inductive"
  Index copies = 0;         ///< augmented copies of every picture
  bool best_match = false;  ///< pictures compared by the copies that fit best; else their features are averaged
  Index way = 0, shot = 0, query = 0, episodes = 0;
  std::uint64_t seed = 0;
  double accuracy = 0, ci95 = 0;
};

}  // namespace sseg

SSEG_FIELDS(sseg::FewShotRow, net, dataset, split, protocol, copies, best_match, way, shot, query, episodes, seed,
            accuracy, ci95);

namespace sseg {

/// The accuracy of every episode under one protocol, values in 0 … 1; `about` says which, its accuracy is not filled
/// in.
struct FewShotAccuracies {
  FewShotRow about;
  std::vector<double> episodes;
};

/// Accuracies of cached features in N-way 1-shot and 5-shot episodes by class prototypes: cosine, Euclidean, and CL2N
/// where the mean feature of the training images is known; by BestMatch alone where `about` says so. All metrics and
/// nets see the same episodes, so that the lists of two nets may be compared pair by pair.
inline std::vector<FewShotAccuracies> few_shot_accuracies(Threads& threads, const Features& features,
                                                          const Images& images, const FewShotRow& about,
                                                          bool within_group, const std::vector<float>& base_mean = {}) {
  std::vector<FewShotAccuracies> all;
  for (const Index shot : {Index{1}, Index{5}}) {
    const EpisodeSampler sampler(images.label, within_group ? images.group : std::vector<Index>{},
                                 {about.way, shot, about.query});
    const auto add = [&](const auto& metric) {
      using Metric = std::remove_cvref_t<decltype(metric)>;
      FewShotRow row = about;
      row.shot = shot;
      row.protocol = "prototypes, " + std::string(Metric::name) + ", inductive";
      if (row.copies > 0)
        row.protocol += ", features averaged over " + std::to_string(row.copies) + " augmented copies";
      all.push_back({row, episode_accuracies(threads, Prototypes<Metric>{metric}, features, sampler, row.episodes,
                                             Rng(row.seed).split("episodes"))});
    };
    if (about.best_match) {
      FewShotRow row = about;
      row.shot = shot;
      row.protocol = std::string(BestMatch::name) + ", inductive, " + std::to_string(row.copies) + " augmented copies";
      all.push_back({row, episode_accuracies(threads, BestMatch{row.copies + 1}, features, sampler, row.episodes,
                                             Rng(row.seed).split("episodes"))});
      continue;
    }
    add(CosineSimilarity{});
    add(SquaredEuclidean{});
    if (!base_mean.empty()) add(Cl2n{base_mean});
  }
  return all;
}

/// Mean and interval of one list, in percent.
inline FewShotRow to_row(const FewShotAccuracies& a) {
  FewShotRow row = a.about;
  const auto accuracy = mean_ci95(a.episodes);
  row.accuracy = 100 * accuracy.mean;
  row.ci95 = 100 * accuracy.half_width;
  return row;
}

/// The accuracies as means with their intervals.
inline std::vector<FewShotRow> few_shot_rows(Threads& threads, const Features& features, const Images& images,
                                             const FewShotRow& about, bool within_group,
                                             const std::vector<float>& base_mean = {}) {
  std::vector<FewShotRow> rows;
  for (const auto& one : few_shot_accuracies(threads, features, images, about, within_group, base_mean))
    rows.push_back(to_row(one));
  return rows;
}

/// "trained     5-way 1-shot   87.21 ± 0.63 %   shapes, held back; prototypes, cosine, inductive; 600 episodes, seed 1"
inline std::string to_line(const FewShotRow& r) {
  char text[512];
  std::snprintf(text, sizeof text, "%-10s %2td-way %td-shot  %6.2f ± %.2f %%   %s, %s; %s; %td episodes, seed %llu",
                r.net.c_str(), r.way, r.shot, r.accuracy, r.ci95, r.dataset.c_str(), r.split.c_str(),
                r.protocol.c_str(), r.episodes, static_cast<unsigned long long>(r.seed));
  return text;
}

/// eval.json; `comparisons` may be empty. Throws: Error when it cannot be written.
template <class Comparison = FewShotRow>
void write_few_shot(const std::filesystem::path& file, const std::vector<FewShotRow>& rows,
                    const std::vector<Comparison>& comparisons = {}) {
  Json report = {{"ci95", "1.96·s/√episodes over per-episode accuracies, s with n − 1; percent"},
                 {"results", fields_to_json(rows)}};
  if (!comparisons.empty()) report["comparisons"] = fields_to_json(comparisons);
  write_file_atomically(file, to_text(report, 2) + "\n");
}

}  // namespace sseg

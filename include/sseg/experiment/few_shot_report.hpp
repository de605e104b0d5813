#pragma once
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "sseg/data/images.hpp"
#include "sseg/experiment/each_protocol.hpp"
#include "sseg/fewshot/evaluate.hpp"
#include "sseg/fewshot/one_rank.hpp"
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
  bool inductive = true;    ///< a query's answer depends on it and the support alone; false: on the other queries too
  Index copies = 0;         ///< augmented copies of every picture
  bool best_match = false;  ///< pictures compared by the copies that fit best; else their features are averaged
  Index way = 0, shot = 0, query = 0, episodes = 0;
  std::uint64_t seed = 0;
  double accuracy = 0, ci95 = 0;
  bool operator==(const FewShotRow&) const = default;
};

/// The accuracy of every episode under one protocol, values in 0 … 1; `about` says which, its accuracy is not filled
/// in.
struct FewShotAccuracies {
  FewShotRow about;
  std::vector<double> episodes;
};

}  // namespace sseg

SSEG_FIELDS(sseg::FewShotRow, net, dataset, split, protocol, inductive, copies, best_match, way, shot, query, episodes,
            seed, accuracy, ci95);
SSEG_FIELDS(sseg::FewShotAccuracies, about, episodes);

namespace sseg {

/// The row that every number of one net on one set of images starts from.
inline FewShotRow row_about(const EvaluationConfig& e, std::uint64_t seed, const std::string& net,
                            const std::string& dataset, const std::string& split) {
  return {.net = net,
          .dataset = dataset,
          .split = split,
          .copies = e.copies,
          .best_match = best_match(e),
          .way = e.way,
          .query = e.query,
          .episodes = e.episodes,
          .seed = seed};
}

/// The accuracies of every protocol that `each(f)` hands to f(protocol, features, text), for each of `shots`: all
/// protocols and nets see the same episodes, so that the lists of two nets may be compared pair by pair. Of several
/// `ranks` (AllRanks) each does a part of the episodes, and all get the whole lists, bit for bit those of one.
template <class Each, class Ranks = OneRank>
std::vector<FewShotAccuracies> accuracies_of_each(Threads& threads, const Each& each, const Images& images,
                                                  const FewShotRow& about, const std::vector<Index>& shots,
                                                  bool within_group, const Ranks& ranks = {}) {
  std::vector<FewShotAccuracies> all;
  for (const Index shot : shots) {
    const EpisodeSampler sampler(images.label, within_group ? images.group : std::vector<Index>{},
                                 {about.way, shot, about.query});
    each([&](const auto& protocol, const Features& features, const std::string& text) {
      FewShotRow row = about;
      row.shot = shot;
      row.protocol = text;
      row.inductive = inductive_of<std::remove_cvref_t<decltype(protocol)>>;
      const Range mine = part_of(row.episodes, ranks.size(), ranks.rank());
      all.push_back({row, episode_accuracies(threads, protocol, features, sampler, row.episodes, mine,
                                             Rng(row.seed).split("episodes"))});
      ranks.sum(std::span<double>(all.back().episodes));  // of one number and zeros: exact
    });
  }
  return all;
}

/// Accuracies of pictures by their features, under the protocols and with the shots of `e` (`each_protocol`); `about`
/// says way, queries, episodes, seed, and what is known of copies.
/// Throws: Error when `e` asks for fine-tuning, which needs the net.
inline std::vector<FewShotAccuracies> few_shot_accuracies(Threads& threads, const PictureFeatures& pictures,
                                                          const Images& images, const FewShotRow& about,
                                                          bool within_group, EvaluationConfig e = {}) {
  require(!uses_protocol(e, "fine_tune"), "fine-tuning needs the net, not only features of pictures",
          "evaluation.protocols", "leave fine_tune out here; evaluate_fewshot has it");
  e.copies = about.copies;
  e.match = about.best_match ? "best" : "mean";
  return accuracies_of_each(
      threads, [&](const auto& f) { each_protocol(e, pictures, f); }, images, about, e.shots, within_group);
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
inline std::vector<FewShotRow> few_shot_rows(Threads& threads, const PictureFeatures& pictures, const Images& images,
                                             const FewShotRow& about, bool within_group,
                                             const EvaluationConfig& e = {}) {
  std::vector<FewShotRow> rows;
  for (const auto& one : few_shot_accuracies(threads, pictures, images, about, within_group, e))
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

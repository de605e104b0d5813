#pragma once
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "sseg/data/images.hpp"
#include "sseg/fewshot/best_match.hpp"
#include "sseg/fewshot/evaluate.hpp"
#include "sseg/fewshot/picture_features.hpp"
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

/// Accuracies of pictures by their features in N-way 1-shot and 5-shot episodes: by class prototypes with the metrics
/// cosine, Euclidean, CL2N and cosine of whitened features, these two where there are such features; or, where `about`
/// says so, by BestMatch, plain and whitened. With copies, CL2N takes the mean of each copy's, not scaled again. All
/// metrics and nets see the same episodes, so that the lists of two nets may be compared pair by pair.
inline std::vector<FewShotAccuracies> few_shot_accuracies(Threads& threads, const PictureFeatures& pictures,
                                                          const Images& images, const FewShotRow& about,
                                                          bool within_group) {
  std::vector<FewShotAccuracies> all;
  const std::string copies = std::to_string(about.copies) + " augmented copies";
  for (const Index shot : {Index{1}, Index{5}}) {
    const EpisodeSampler sampler(images.label, within_group ? images.group : std::vector<Index>{},
                                 {about.way, shot, about.query});
    const auto add = [&](const auto& protocol, const Features& features, const std::string& text) {
      if (features.size() == 0) return;
      FewShotRow row = about;
      row.shot = shot;
      row.protocol = text;
      all.push_back({row, episode_accuracies(threads, protocol, features, sampler, row.episodes,
                                             Rng(row.seed).split("episodes"))});
    };
    if (about.best_match) {
      const BestMatch best{about.copies + 1};
      add(best, pictures.plain, std::string(BestMatch::name) + ", inductive, " + copies);
      add(best, pictures.whitened, std::string(BestMatch::name) + ", whitened, inductive, " + copies);
      continue;
    }
    const auto text = [&](const std::string& metric) {
      return "prototypes, " + metric + ", inductive" +
             (about.copies > 0 ? ", features averaged over " + copies : std::string{});
    };
    add(Prototypes<CosineSimilarity>{}, pictures.plain, text("cosine"));
    add(Prototypes<SquaredEuclidean>{}, pictures.plain, text("euclidean"));
    add(Prototypes<SquaredEuclidean>{}, pictures.centred, text("cl2n"));
    add(Prototypes<CosineSimilarity>{}, pictures.whitened, text("whitened cosine"));
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
inline std::vector<FewShotRow> few_shot_rows(Threads& threads, const PictureFeatures& pictures, const Images& images,
                                             const FewShotRow& about, bool within_group) {
  std::vector<FewShotRow> rows;
  for (const auto& one : few_shot_accuracies(threads, pictures, images, about, within_group))
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

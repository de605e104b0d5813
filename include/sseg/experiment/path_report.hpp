#pragma once
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "sseg/evolve/cost.hpp"
#include "sseg/evolve/paired_difference.hpp"
#include "sseg/experiment/few_shot_report.hpp"

namespace sseg {

/// Which masks a path report is about.
struct PathMasksRow {
  std::string made = "afterwards";  ///< or "by the run"
  std::string unit{}, scope{}, criterion{};
  double keep = 1, kept = 1;                ///< share of the units that was asked for, and that is on the positive path
  std::vector<double> stages{};             ///< share of each stage's weights on the positive path
  std::string statistics = "recalibrated";  ///< of the norms of dense net and paths: or "the run's"
  std::string net{};                        ///< student or teacher
};

/// The difference of two nets on the same episodes, in points of percent.
struct PathDifferenceRow {
  std::string of{};  ///< "dense - positive"
  Index way = 0, shot = 0;
  PairedDifference points{};
};

/// What a net costs that has an accuracy in the report; MACs, parameters and time of its backbone.
struct PathCostRow {
  std::string net{};
  std::string widths{};  ///< as `describe` tells them
  Cost cost{};
};

/// Few-shot accuracy of a net, of its paths, and of as many weights taken at random, all on the same episodes.
struct PathReport {
  PathMasksRow masks{};
  std::vector<FewShotRow> results{};
  std::vector<PathDifferenceRow> differences{};
  std::vector<PathCostRow> costs{};  ///< where a path was made a net of its own
};

}  // namespace sseg

SSEG_FIELDS(sseg::PathMasksRow, made, unit, scope, criterion, keep, kept, stages, statistics, net);
SSEG_FIELDS(sseg::PathDifferenceRow, of, way, shot, points);
SSEG_FIELDS(sseg::PathCostRow, net, widths, cost);
SSEG_FIELDS(sseg::PathReport, masks, results, differences, costs);

namespace sseg {

/// A dense net, its two paths and its controls, as stores of one backbone; all ready to be evaluated.
struct PathStores {
  PathMasksRow masks{};
  ParamStore<float> dense{}, positive{}, negative{};
  std::vector<ParamStore<float>> random{};  ///< masks that keep as much, whatever it is; accuracies are averaged
};

/// Accuracy of each episode with one and with five examples a class.
inline constexpr std::array<Index, 2> report_shots{1, 5};
using ShotAccuracies = std::array<std::vector<double>, report_shots.size()>;

/// By class prototypes and cosine. `about`: way, query, episodes and seed; these alone choose the episodes.
inline ShotAccuracies shot_accuracies(Threads& threads, const Features& features, const Images& images,
                                      const FewShotRow& about) {
  ShotAccuracies all;
  for (std::size_t s = 0; s < report_shots.size(); ++s) {
    const EpisodeSampler sampler(images.label, images.group, {about.way, report_shots[s], about.query});
    all[s] = episode_accuracies(threads, Prototypes<CosineSimilarity>{}, features, sampler, about.episodes,
                                Rng(about.seed).split("episodes"));
  }
  return all;
}

namespace detail {

inline void add_result(PathReport& report, FewShotRow about, const std::string& net, const ShotAccuracies& accuracies) {
  about.net = net;
  about.protocol = "prototypes, cosine, inductive";
  for (std::size_t s = 0; s < report_shots.size(); ++s) {
    const MeanCi mean = mean_ci95(accuracies[s]);
    about.shot = report_shots[s];
    about.accuracy = 100 * mean.mean;
    about.ci95 = 100 * mean.half_width;
    report.results.push_back(about);
  }
}
inline void add_difference(PathReport& report, const FewShotRow& about, const std::string& of, const ShotAccuracies& a,
                           const ShotAccuracies& b) {
  for (std::size_t s = 0; s < report_shots.size(); ++s) {
    PairedDifference d = paired_difference(a[s], b[s]);
    d.mean *= 100, d.half_width95 *= 100;
    report.differences.push_back({of, about.way, report_shots[s], d});
  }
}

template <class B, class Cnn>
ShotAccuracies accuracies_of(B& backend, const Cnn& cnn, const std::vector<const ParamStore<float>*>& stores,
                             const Images& images, const FewShotRow& about) {
  ShotAccuracies mean;
  for (auto& shot : mean) shot.resize(to_size(about.episodes));
  for (const ParamStore<float>* store : stores) {
    const auto one = shot_accuracies(backend.threads(), Embedder<B>(backend).embed(cnn, *store, images), images, about);
    for (std::size_t s = 0; s < one.size(); ++s)
      for (std::size_t i = 0; i < one[s].size(); ++i) mean[s][i] += one[s][i];
  }
  for (auto& shot : mean)
    for (double& accuracy : shot) accuracy /= static_cast<double>(stores.size());
  return mean;
}

}  // namespace detail

/// Evaluates the stores on the images: dense, positive and negative path, random masks; how much the dense net is
/// better than the positive path, and that than its controls. Where it is no better than they are, the importance says
/// nothing. Images with groups are drawn within them. `about` says dataset, split, way, query, episodes and seed.
/// Intervals cover the episodes, not the training, nor the draw of the masks.
template <class B, class Cnn>
PathReport path_report(B& backend, const Cnn& cnn, const PathStores& nets, const Images& images,
                       const FewShotRow& about) {
  PathReport report{nets.masks, {}, {}, {}};
  std::vector<const ParamStore<float>*> random;
  for (const auto& store : nets.random) random.push_back(&store);
  const auto add = [&](const std::string& name, const std::vector<const ParamStore<float>*>& stores) {
    auto accuracies = detail::accuracies_of(backend, cnn, stores, images, about);
    detail::add_result(report, about, name, accuracies);
    return accuracies;
  };
  const auto dense = add("dense", {&nets.dense}), positive = add("positive", {&nets.positive});
  const auto negative = add("negative", {&nets.negative}), control = add("random", random);
  detail::add_difference(report, about, "dense - positive", dense, positive);
  detail::add_difference(report, about, "positive - random", positive, control);
  detail::add_difference(report, about, "positive - negative", positive, negative);
  return report;
}

/// "masks afterwards: unit weight, scope global, by taylor; 50.0 % kept (stages 61 52 44 %); student, recalibrated"
inline std::string to_line(const PathMasksRow& r) {
  char share[32];
  std::snprintf(share, sizeof share, "%.1f %% kept (stages", 100 * r.kept);
  std::string text =
      "masks " + r.made + ": unit " + r.unit + ", scope " + r.scope + ", by " + r.criterion + "; " + share;
  for (const double s : r.stages) {
    std::snprintf(share, sizeof share, " %.0f", 100 * s);
    text += share;
  }
  return text + " %); " + r.net + ", statistics " + r.statistics;
}
/// "dense - positive     5-way 1-shot   +1.20 ± 0.41 points"
inline std::string to_line(const PathDifferenceRow& r) {
  char text[128];
  std::snprintf(text, sizeof text, "%-19s %2td-way %td-shot  %+6.2f ± %.2f points", r.of.c_str(), r.way, r.shot,
                r.points.mean, r.points.half_width95);
  return text;
}
/// "dense      96+1 > 64 > 64: 12,345,678 MACs, 394208 parameters, 1.234 ms for one image"
inline std::string to_line(const PathCostRow& r) {
  char text[256];
  std::snprintf(text, sizeof text, "%-10s %s: %td MACs, %td parameters, %.3f ms for one image", r.net.c_str(),
                r.widths.c_str(), r.cost.macs, r.cost.params, r.cost.milliseconds);
  return text;
}

/// eval_paths.json. Throws: Error when it cannot be written.
inline void write_paths(const std::filesystem::path& file, const std::vector<PathReport>& reports) {
  const Json report = {
      {"ci95",
       "results: 1.96·s/√episodes, percent; differences: Student's t·s/√episodes over the same episodes, points"},
      {"reports", fields_to_json(reports)}};
  write_file_atomically(file, to_text(report, 2) + "\n");
}

}  // namespace sseg

#pragma once
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/data/omniglot_run.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/picture_features.hpp"
#include "sseg/fewshot/best_match.hpp"
#include "sseg/fewshot/omniglot_one_shot.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// The result of the Omniglot one-shot runs (20-way, within alphabet; Lake et al. 2015): mean of the run errors.
struct OmniglotRow {
  std::string net{};
  std::string protocol{};
  Index runs = 0, trials = 0, errors = 0;
  double error = 0;  ///< percent
  std::vector<double> run_errors{};
};

}  // namespace sseg

SSEG_FIELDS(sseg::OmniglotRow, net, protocol, runs, trials, errors, error, run_errors);

namespace sseg {

namespace detail {

/// One run by one kind of feature: every test image goes to the training image it is most like.
inline void add_omniglot_run(OmniglotOneShot& score, const OmniglotRun& run, const Features& training,
                             const Features& test, const EvaluationConfig& e) {
  const Index ways = training.size();
  std::vector<float> scores(to_size(test.size() * ways));
  const FewShotTask task{training.view(), run.training.label, ways, test.view()};
  const View<float> to{scores.data(), {test.size(), ways}};
  if (best_match(e))
    BestMatch{e.copies + 1}.classify(task, to);
  else
    Prototypes<CosineSimilarity>{}.classify(task, to);
  std::vector<double> costs(scores.begin(), scores.end());
  for (double& c : costs) c = -c;
  score.add_run(costs, run.test.label, ways);
}

inline OmniglotRow to_row(const OmniglotOneShot& score, const EvaluationConfig& e, bool whitened) {
  OmniglotRow row;
  row.protocol =
      std::string("20-way 1-shot within alphabet, nearest by ") + (whitened ? "whitened " : "") + "cosine, inductive";
  if (e.copies > 0)
    row.protocol += (best_match(e) ? ", best match of " : ", features averaged over ") + std::to_string(e.copies) +
                    " augmented copies";
  row.runs = score.runs();
  row.trials = score.total_trials();
  row.errors = row.trials - score.total_correct();
  row.error = score.error();
  for (Index r = 0; r < score.runs(); ++r) row.run_errors.push_back(score.run_error(r));
  return row;
}

}  // namespace detail

/// Scores one net on the runs: every test image goes to the training image it is most like, by cosine, and, where
/// `base` has a whitening, by cosine of whitened features: a second row. What pictures are known by,
/// `evaluation.copies` and `evaluation.match` say; the copies are drawn from the run's seed, and the protocol's text
/// tells of them.
template <class B, class Net>
std::vector<OmniglotRow> omniglot_rows(B& backend, const Net& net, const ParamStore<float>& store,
                                       const std::vector<OmniglotRun>& runs, const RunConfig& config,
                                       const BaseStatistics& base = {}) {
  const EvaluationConfig& e = config.evaluation;
  OmniglotOneShot plain, whitened;
  for (const OmniglotRun& run : runs) {
    const auto embed = [&](const Images& images, std::string_view part) {
      return picture_features(backend, net, store, images, config, Rng(config.seed).split(run.name).split(part), base);
    };
    const PictureFeatures training = embed(run.training, "training"), test = embed(run.test, "test");
    detail::add_omniglot_run(plain, run, training.plain, test.plain, e);
    if (!base.whitening.empty()) detail::add_omniglot_run(whitened, run, training.whitened, test.whitened, e);
  }
  std::vector<OmniglotRow> rows{detail::to_row(plain, e, false)};
  if (!base.whitening.empty()) rows.push_back(detail::to_row(whitened, e, true));
  return rows;
}

/// "trained    error   4.50 %   9 of 200 trials, 10 runs; 20-way 1-shot within alphabet, …"
inline std::string to_line(const OmniglotRow& r) {
  char text[512];
  std::snprintf(text, sizeof text, "%-10s error %6.2f %%   %td of %td trials, %td runs; %s", r.net.c_str(), r.error,
                r.errors, r.trials, r.runs, r.protocol.c_str());
  return text;
}

/// eval.json. Throws: Error when it cannot be written.
inline void write_omniglot(const std::filesystem::path& file, const std::vector<OmniglotRow>& rows) {
  const Json report = {{"score", "mean of the run errors in percent; ties to the lowest index; no one-to-one matching"},
                       {"results", fields_to_json(rows)}};
  write_file_atomically(file, to_text(report, 2) + "\n");
}

}  // namespace sseg

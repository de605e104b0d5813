#pragma once
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/data/omniglot_run.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/fewshot/embed.hpp"
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

/// Scores one net on the runs: every test image goes to the training image with the highest score of the metric. With
/// one example a class, prototypes are the examples themselves. Features are the mean over the framed drawing and
/// `copies` augmented copies of it, drawn from `seed`; the protocol's text says so.
template <class B, class Net, class Metric, Augmentation F, Augmentation A>
OmniglotRow omniglot_row(B& backend, const Net& net, const ParamStore<float>& store,
                         const std::vector<OmniglotRun>& runs, const Metric& metric, const F& frame, const A& augment,
                         Index copies, std::uint64_t seed) {
  Embedder<B> embedder(backend);
  OmniglotOneShot score;
  for (const OmniglotRun& run : runs) {
    const auto embed = [&](const Images& images, std::string_view part) {
      return embedder.embed_averaged(net, store, images, frame, augment, copies, Rng(seed).split(run.name).split(part));
    };
    const Features training = embed(run.training, "training"), test = embed(run.test, "test");
    const Index ways = training.size();
    std::vector<float> scores(to_size(test.size() * ways));
    Prototypes<Metric>{metric}.classify({training.view(), run.training.label, ways, test.view()},
                                        {scores.data(), {test.size(), ways}});
    std::vector<double> costs(scores.begin(), scores.end());
    for (double& c : costs) c = -c;
    score.add_run(costs, run.test.label, ways);
  }
  OmniglotRow row;
  row.protocol = "20-way 1-shot within alphabet, nearest by " + std::string(Metric::name) + ", inductive" +
                 (copies > 0 ? ", features averaged over " + std::to_string(copies) + " augmented copies" : "");
  row.runs = score.runs();
  row.trials = score.total_trials();
  row.errors = row.trials - score.total_correct();
  row.error = score.error();
  for (Index r = 0; r < score.runs(); ++r) row.run_errors.push_back(score.run_error(r));
  return row;
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

#pragma once
#include <cmath>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/omniglot_run.hpp"

namespace sseg {

/// Score of the Omniglot one-shot classification task, run by run, as Lake et al. (Science 2015) count it: every test
/// image goes alone to the training image of least cost, ties to the lowest index; no matching one-to-one.
struct OmniglotOneShot {
  std::vector<Index> correct;  ///< per run
  std::vector<Index> trials;   ///< per run; 20 in the official runs

  /// Adds a run. `costs[i · ways + k]` is the cost of calling test image i what training image k shows; `truth[i]` is
  /// the right k. Throws `Error` when the sizes do not fit or a cost is not a number.
  void add_run(std::span<const double> costs, std::span<const Index> truth, Index ways) {
    require(ways > 0 && !truth.empty() && costs.size() == truth.size() * to_size(ways), "the costs of a run do not fit",
            "OmniglotOneShot::add_run", "Give test x training costs, row by row, and one truth a row.");
    Index right = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const auto row = costs.subspan(i * to_size(ways), to_size(ways));
      std::size_t best = 0;
      for (std::size_t k = 0; k < row.size(); ++k) {
        if (std::isnan(row[k]))
          throw Error("the cost of test image " + std::to_string(i) + " and training image " + std::to_string(k) +
                          " is not a number",
                      "OmniglotOneShot::add_run", "Check the features: training may have diverged.");
        if (row[k] < row[best]) best = k;
      }
      right += static_cast<Index>(best) == truth[i] ? 1 : 0;
    }
    correct.push_back(right);
    trials.push_back(static_cast<Index>(truth.size()));
  }

  Index runs() const { return static_cast<Index>(correct.size()); }
  /// Error of a run in percent: 100 · (1 - correct / trials).
  double run_error(Index run) const {
    const auto r = to_size(run);
    return 100.0 * static_cast<double>(trials[r] - correct[r]) / static_cast<double>(trials[r]);
  }
  /// Mean of the run errors, in percent. Requires: at least one run.
  double error() const {
    double sum = 0;
    for (Index r = 0; r < runs(); ++r) sum += run_error(r);
    return sum / static_cast<double>(runs());
  }
  Index total_correct() const { return std::accumulate(correct.begin(), correct.end(), Index{0}); }
  Index total_trials() const { return std::accumulate(trials.begin(), trials.end(), Index{0}); }
};

/// Scores `cost(test image, training image) -> double` on the runs.
template <class Cost>
OmniglotOneShot score_omniglot(const std::vector<OmniglotRun>& runs, Cost&& cost) {
  OmniglotOneShot score;
  std::vector<double> costs;
  for (const OmniglotRun& run : runs) {
    costs.clear();
    for (Index i = 0; i < run.test.size(); ++i)
      for (Index k = 0; k < run.training.size(); ++k)
        costs.push_back(static_cast<double>(cost(run.test.image(i), run.training.image(k))));
    score.add_run(costs, run.test.label, run.training.size());
  }
  return score;
}

}  // namespace sseg

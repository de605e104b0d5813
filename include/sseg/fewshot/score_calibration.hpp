#pragma once
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/fewshot/leave_one_out.hpp"

namespace sseg {

/// p_k = exp(scale·s_k) / Σ_j exp(scale·s_j) over the scores s of one picture. Requires: way >= 1.
inline std::vector<double> probabilities(const float* scores, Index way, double scale) {
  const double top = static_cast<double>(*std::max_element(scores, scores + way));
  std::vector<double> p(to_size(way));
  double sum = 0;
  for (std::size_t k = 0; k < p.size(); ++k) sum += p[k] = std::exp(scale * (static_cast<double>(scores[k]) - top));
  for (double& v : p) v /= sum;
  return p;
}

/// What turns similarities to classes into probabilities and into 'none of these'.
struct ScoreCalibration {
  static constexpr double default_scale = 10, max_scale = 100;

  double scale = default_scale;       ///< of `probabilities`
  std::optional<double> threshold{};  ///< a picture whose best score is below belongs to no class; empty: never
  Index left_out = 0;                 ///< pictures that both were derived from
  bool operator==(const ScoreCalibration&) const = default;
};

namespace detail {

/// d/ds of the mean cross entropy of softmax(s·scores) against smoothed targets: Σ_k (p_k − t_k)·score_k, averaged. It
/// rises with s.
inline double cross_entropy_slope(const LeftOutScores& left_out, double scale) {
  const auto n = static_cast<double>(left_out.size()), way = static_cast<double>(left_out.way);
  const double hit = (n + 1) / (n + way), miss = 1 / (n + way);
  double slope = 0;
  for (Index i = 0; i < left_out.size(); ++i) {
    const std::vector<double> p = probabilities(left_out.row(i), left_out.way, scale);
    for (Index k = 0; k < left_out.way; ++k)
      slope +=
          (p[to_size(k)] - (k == left_out.label[to_size(i)] ? hit : miss)) * static_cast<double>(left_out.row(i)[k]);
  }
  return slope / n;
}

inline double fitted_scale(const LeftOutScores& left_out) {
  double low = 0, high = ScoreCalibration::max_scale;
  if (cross_entropy_slope(left_out, high) <= 0) return high;
  for (int halving = 0; halving < 50; ++halving) {
    const double middle = (low + high) / 2;
    (cross_entropy_slope(left_out, middle) > 0 ? high : low) = middle;
  }
  return (low + high) / 2;
}

/// Mean less two standard deviations (n − 1) of the scores for the true class.
inline double fitted_threshold(const LeftOutScores& left_out) {
  const auto n = static_cast<double>(left_out.size());
  double mean = 0, squares = 0;
  const auto own = [&](Index i) { return static_cast<double>(left_out.row(i)[left_out.label[to_size(i)]]); };
  for (Index i = 0; i < left_out.size(); ++i) mean += own(i) / n;
  for (Index i = 0; i < left_out.size(); ++i) squares += (own(i) - mean) * (own(i) - mean);
  return mean - 2 * std::sqrt(squares / (n - 1));
}

}  // namespace detail

/// Both numbers from examples that were left out in turn.
///   scale      the one of least cross entropy, 0 … `max_scale`. Targets are smoothed as Platt (1999) smooths them,
///              (n + 1)/(n + way) for the true class and 1/(n + way) for each other one, so that few pictures without
///              an error do not make it infinite. Without a left-out picture, or with one class: `default_scale`.
///   threshold  mean − 2·s of the left-out pictures' scores for their own class; with fewer than `least` of them: none.
/// A left-out picture is scored by one example less than a new one will be: both err on the careful side.
/// Throws: Error when a score is not finite.
inline ScoreCalibration calibrate_scores(const LeftOutScores& left_out) {
  constexpr Index least = 5;
  require(std::all_of(left_out.scores.begin(), left_out.scores.end(), [](float v) { return std::isfinite(v); }),
          "a similarity of two examples is not a number", "calibrate_scores",
          "check the checkpoint: its training may have diverged");
  ScoreCalibration c;
  c.left_out = left_out.size();
  if (left_out.size() > 0 && left_out.way > 1) c.scale = detail::fitted_scale(left_out);
  if (left_out.size() >= least) c.threshold = detail::fitted_threshold(left_out);
  return c;
}

}  // namespace sseg

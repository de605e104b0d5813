#pragma once
#include <algorithm>
#include <cmath>

#include "sseg/core/error.hpp"
#include "sseg/fewshot/score_calibration.hpp"

namespace sseg {

/// What a classifier says of one picture. Confidences are probabilities among the known classes.
struct PictureAnswer {
  Index nearest = 0;           ///< the class of the best score; of equal ones the first
  Index runner_up = -1;        ///< the second best; −1 when there is one class only
  bool none_of_these = false;  ///< the best score is below the threshold
  double confidence = 0;       ///< of `nearest`
  double runner_up_confidence = 0;
  float score = 0;  ///< of `nearest`: similarity, −1 to 1
  bool operator==(const PictureAnswer&) const = default;
};

/// The answer that the scores of one picture for `way` classes give. Throws: Error when a score is not finite.
inline PictureAnswer answer_of(const float* scores, Index way, const ScoreCalibration& calibration) {
  require(way >= 1 && std::all_of(scores, scores + way, [](float v) { return std::isfinite(v); }),
          "the similarity of a picture to a class is not a number", "answer_of",
          "check the checkpoint: its training may have diverged");
  PictureAnswer a;
  a.nearest = std::max_element(scores, scores + way) - scores;
  for (Index k = 0; k < way; ++k)
    if (k != a.nearest && (a.runner_up < 0 || scores[k] > scores[a.runner_up])) a.runner_up = k;
  const std::vector<double> p = probabilities(scores, way, calibration.scale);
  a.confidence = p[to_size(a.nearest)];
  if (a.runner_up >= 0) a.runner_up_confidence = p[to_size(a.runner_up)];
  a.score = scores[a.nearest];
  a.none_of_these = calibration.threshold && static_cast<double>(a.score) < *calibration.threshold;
  return a;
}

}  // namespace sseg

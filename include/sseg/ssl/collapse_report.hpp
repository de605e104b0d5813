#pragma once
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// What can have become of features without labels. `uniform`: outputs say nothing about the picture, or the loss tells
/// no positive from the rest. `constant`: all pictures get the same feature or prototype. `low_rank`: features differ
/// along very few directions only (dimensional collapse; Jing et al. 2022).
enum class Collapse { healthy, uniform, constant, low_rank };

constexpr std::string_view to_string(Collapse c) {
  constexpr std::string_view words[]{"healthy", "uniform", "constant", "low_rank"};
  return words[static_cast<std::size_t>(c)];
}
/// The verdict of that name; empty when there is none.
constexpr std::optional<Collapse> collapse_of(std::string_view word) {
  for (const Collapse c : {Collapse::healthy, Collapse::uniform, Collapse::constant, Collapse::low_rank})
    if (to_string(c) == word) return c;
  return {};
}

/// One look at features, teacher and loss; not-a-number: not known. Fields are reflected but for the verdict.
struct CollapseReport {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  Index step = 0;
  double feature_std = 0;            ///< FeatureSpread::std
  double effective_rank = 0;         ///< FeatureSpread::effective_rank
  Index most_rank = 0;               ///< what the effective rank could be, min(R − 1, D)
  double teacher_entropy = unknown;  ///< TeacherEntropy::each
  double mean_entropy = unknown;     ///< TeacherEntropy::mean
  double loss_over_ln_k = unknown;   ///< 1: the loss of an answer that knows nothing
  Collapse verdict = Collapse::healthy;
  bool from_teacher = false;  ///< it is the teacher's outputs that show the verdict

  /// The verdict in words, with its numbers and a cure.
  std::string message() const { return "step " + std::to_string(step) + ": " + finding() + numbers() + cure(); }

 private:
  std::string finding() const {
    switch (verdict) {
      case Collapse::healthy:
        return "the features are healthy";
      case Collapse::uniform:
        return from_teacher ? "the teacher's outputs are uniform"
                            : "the loss stands where knowing nothing would put it";
      case Collapse::constant:
        return from_teacher ? "the teacher gives all pictures the same prototype"
                            : "all pictures have the same features";
      case Collapse::low_rank:
        return "the features differ along very few directions";
    }
    return {};
  }
  std::string numbers() const {
    std::string text = " (std " + shown(feature_std) + " of 1, effective rank " + shown(effective_rank) + " of " +
                       std::to_string(most_rank);
    if (!std::isnan(teacher_entropy))
      text += ", teacher entropy " + shown(teacher_entropy) + " and of its mean " + shown(mean_entropy) + " of ln K";
    if (!std::isnan(loss_over_ln_k)) text += ", loss " + shown(loss_over_ln_k) + " of ln K";
    return text + ")";
  }
  std::string cure() const {
    switch (verdict) {
      case Collapse::healthy:
        return {};
      case Collapse::uniform:
        return from_teacher ? "; lower the teacher's temperature, or let its centre move more slowly"
                            : "; lower the learning rate or the temperature, or distort the pictures less";
      case Collapse::constant:
        return from_teacher ? "; centre the teacher's outputs, or raise its temperature"
                            : "; lower the learning rate, or add a contrastive term such as NT-Xent";
      case Collapse::low_rank:
        return "; distort the pictures in more ways, lower the weight decay, or give the projector a hidden layer";
    }
    return {};
  }
  static std::string shown(double v) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", v);
    return text;
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::CollapseReport, step, feature_std, effective_rank, most_rank, teacher_entropy, mean_entropy,
            loss_over_ln_k);

#pragma once
#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// How long and how fast the last stage is trained on an episode's support.
struct FineTuneSettings {
  Index steps = 20;
  float rate = 1e-3f;  ///< of AdamW
  float scale = 10;    ///< of the cosines in the loss
  bool operator==(const FineTuneSettings&) const = default;

  void check() const {
    require(steps >= 0 && steps <= 10000 && rate > 0 && rate <= 10 && scale > 0 && scale <= 1e4f,
            "the numbers of fine-tuning make no sense", "evaluation.fine_tune",
            "give 0 to 10000 steps, a rate above 0, at most 10, and a scale above 0, at most 10000");
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::FineTuneSettings, steps, rate, scale);

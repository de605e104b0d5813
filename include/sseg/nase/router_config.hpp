#pragma once
#include <algorithm>
#include <cstdint>
#include <string>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/nase/any_criterion.hpp"

namespace sseg {

/// What a mask switches: single weights, or whole channels of a stage.
enum class MaskUnit { weight, channel };
/// Over what the units compete: the whole net, or their own layer.
enum class MaskScope { global, layer };
/// Which gradient of a path reaches the dense weights: that of the path's own weights, or that of all of them, as if
/// the mask were not there, so that removed weights can grow back (Bengio et al. 2013).
enum class Straight { masked, dense };

/// How a net is split into an important and an unimportant path. Text fields are choices; `check` says what they are.
struct RouterConfig {
  std::string unit = "weight";        ///< weight or channel
  std::string scope = "global";       ///< global or layer
  double keep = 0.5;                  ///< share of the units on the positive path in the end
  std::string ramp = "cubic";         ///< how the share falls from 1 to `keep`: cubic or linear
  Index start_step = 0;               ///< until then everything is kept
  Index ramp_steps = 1000;            ///< from the start until the share is `keep`
  Index update_every = 50;            ///< steps between two masks
  std::string importance = "taylor";  ///< gradient, taylor, taylor_gate, magnitude, snip or random
  double momentum = 0.9;              ///< of the importance's average
  std::string gradient = "masked";    ///< what of a path's gradient reaches the dense weights: masked or dense
  float positive_weight = 1.f;        ///< of the positive path's loss
  float negative_weight = 0.f;        ///< of the negative path's loss
  /// The negative path's loss: shared, that of the run itself; or repel, away from the teacher's features down to a
  /// cosine of about `negative_margin`, as softly as `negative_temperature` says (ssl/repel.hpp).
  std::string negative_loss = "shared";
  float negative_margin = 0.5f;
  float negative_temperature = 0.1f;
  bool operator==(const RouterConfig&) const = default;

  /// Throws: Error naming the setting that makes no sense.
  void check() const {
    mask_unit();
    mask_scope();
    straight();
    criterion();
    require(ramp == "cubic" || ramp == "linear", "no such ramp", "nase.router.ramp", "give cubic or linear");
    require(keep > 0 && keep <= 1, "the share to keep is out of range", "nase.router.keep",
            "give more than 0, and at most 1");
    require(start_step >= 0 && ramp_steps >= 0 && update_every >= 1, "the schedule of the masks makes no sense",
            "nase.router.start_step, ramp_steps, update_every", "give no negative steps, and update_every >= 1");
    require(momentum >= 0 && momentum < 1, "the momentum of the importance is out of range", "nase.router.momentum",
            "give 0 or more, and less than 1");
    require(positive_weight >= 0 && negative_weight >= 0, "a path's weight must not be negative",
            "nase.router.positive_weight, negative_weight", "give 0 or more");
    require(negative_loss == "shared" || negative_loss == "repel", "no such loss of the negative path",
            "nase.router.negative_loss", "give shared or repel");
    require(negative_margin >= -1 && negative_margin <= 1, "the margin is no cosine", "nase.router.negative_margin",
            "give -1 to 1");
    require(negative_temperature > 0, "the temperature must be positive", "nase.router.negative_temperature",
            "give 0.05 to 1");
  }

  MaskUnit mask_unit() const {
    require(unit == "weight" || unit == "channel", "no such unit of masks", "nase.router.unit",
            "give weight or channel");
    return unit == "weight" ? MaskUnit::weight : MaskUnit::channel;
  }
  MaskScope mask_scope() const {
    require(scope == "global" || scope == "layer", "no such scope of masks", "nase.router.scope",
            "give global or layer");
    return scope == "global" ? MaskScope::global : MaskScope::layer;
  }
  Straight straight() const {
    require(gradient == "masked" || gradient == "dense", "no such gradient", "nase.router.gradient",
            "give masked or dense");
    return gradient == "masked" ? Straight::masked : Straight::dense;
  }
  /// `seed` is the random control's.
  AnyCriterion criterion(std::uint64_t seed = 0) const { return AnyCriterion(importance, seed); }

  /// Share of the units kept at a step: 1 until `start_step`, then 1 − (1 − keep)·(1 − (1 − p)³) with
  /// p = (step − start_step)/ramp_steps (Zhu & Gupta 2017), or 1 − (1 − keep)·p with the linear ramp; then `keep`.
  double keep_ratio_at(Index step) const {
    if (step < start_step) return 1;
    if (step - start_step >= ramp_steps) return keep;
    const double left = 1 - static_cast<double>(step - start_step) / static_cast<double>(ramp_steps);
    return 1 - (1 - keep) * (1 - (ramp == "cubic" ? left * left * left : left));
  }
  /// That share when the masks in use after `steps_done` steps were made; 1 before there are any.
  double keep_ratio_in_use(Index steps_done) const {
    const Index routed = steps_done - start_step;
    return routed < 1 ? 1 : keep_ratio_at(start_step + (routed - 1) / update_every * update_every);
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::RouterConfig, unit, scope, keep, ramp, start_step, ramp_steps, update_every, importance, momentum,
            gradient, positive_weight, negative_weight, negative_loss, negative_margin, negative_temperature);

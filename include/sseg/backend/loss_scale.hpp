#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>

#include "sseg/concepts/backend.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// Numbers of a LossScale, powers of two all but `patience`.
struct LossScaleConfig {
  float first = 65536, least = 1, most = 16777216;
  Index patience = 2000;  ///< steps in a row that must not overflow before the scale is doubled
  bool operator==(const LossScaleConfig&) const = default;
};

/// A factor on the loss that keeps gradients in the range of 16 bits (Micikevicius et al. 2018, section 3.2). A step
/// whose gradients overflow is to be skipped, and halves it; `patience` steps in a row that do not, double it. It is a
/// power of two, so that putting it in and taking it out rounds nothing. Belongs to a backend, not to a run: a run that
/// goes on begins anew with `first`.
class LossScale {
 public:
  using Config = LossScaleConfig;
  /// What steps change.
  struct Counts {
    float value = 0;
    Index good = 0;     ///< steps in a row, so far, that did not overflow
    Index skipped = 0;  ///< steps, all together
    bool operator==(const Counts&) const = default;
  };

  /// Throws: Error when the numbers make no sense.
  explicit LossScale(Config config = {}) : config_(config), now_{.value = config.first} {
    require(is_power(config.first) && is_power(config.least) && is_power(config.most) && config.least <= config.first &&
                config.first <= config.most && config.patience >= 1,
            "the numbers of a loss scale make no sense", "LossScale",
            "give powers of two, least <= first <= most, and a patience of 1 or more");
  }

  const Config& config() const { return config_; }
  float value() const { return now_.value; }
  bool is_least() const { return value() <= config_.least; }
  /// Steps that were skipped so far.
  Index skipped() const { return now_.skipped; }
  const Counts& counts() const { return now_; }
  /// Goes on from there: those of a scale that was kept up elsewhere.
  void restore(const Counts& c) { now_ = c; }

  /// After every step: were all gradients finite?
  void observe(bool finite) {
    now_.good = finite ? now_.good + 1 : 0;
    now_.skipped += finite ? 0 : 1;
    if (!finite) now_.value = std::max(config_.least, now_.value / 2);
    if (now_.good == config_.patience) {
      now_.value = std::min(config_.most, now_.value * 2);
      now_.good = 0;
    }
  }
  bool operator==(const LossScale&) const = default;

 private:
  static bool is_power(float x) {
    int exponent = 0;
    return std::isfinite(x) && std::frexp(x, &exponent) == 0.5f;
  }

  Config config_;
  Counts now_;
};

/// A backend whose gradients want a factor on the loss.
template <class B>
concept ScalesLoss = requires(B& backend) {
  { backend.loss_scale() } -> std::same_as<LossScale&>;
};

/// One that keeps the scale where its arrays lie, so that nobody waits for it: it serves ScaleLoss and
/// UnscaleGradients, and between `skip_updates` and `skip_nothing` what it is given changes nothing where gradients
/// have overflowed (loss_scale_ops.hpp, and train/loss_scaling.hpp, which calls it).
template <class B>
concept ScalesLossAway = ScalesLoss<B> && HasMemory<B> &&
    requires(B& backend, const double* overflow, typename B::Scalar* missed) {
  backend.skip_updates(overflow, missed);
  backend.skip_nothing();
};

}  // namespace sseg

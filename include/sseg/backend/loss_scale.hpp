#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// Numbers of a LossScale, powers of two all but `patience`.
struct LossScaleConfig {
  float first = 65536, least = 1, most = 16777216;
  Index patience = 2000;  ///< steps in a row that must not overflow before the scale is doubled
};

/// A factor on the loss that keeps gradients in the range of 16 bits (Micikevicius et al. 2018, section 3.2). A step
/// whose gradients overflow is to be skipped, and halves it; `patience` steps in a row that do not, double it. It is a
/// power of two, so that putting it in and taking it out rounds nothing. Belongs to a backend, not to a run: a run that
/// goes on begins anew with `first`.
class LossScale {
 public:
  using Config = LossScaleConfig;

  /// Throws: Error when the numbers make no sense.
  explicit LossScale(Config config = {}) : config_(config), value_(config.first) {
    require(is_power(config.first) && is_power(config.least) && is_power(config.most) && config.least <= config.first &&
                config.first <= config.most && config.patience >= 1,
            "the numbers of a loss scale make no sense", "LossScale",
            "give powers of two, least <= first <= most, and a patience of 1 or more");
  }

  float value() const { return value_; }
  bool is_least() const { return value_ <= config_.least; }
  /// Steps that were skipped so far.
  Index skipped() const { return skipped_; }

  /// After every step: were all gradients finite?
  void observe(bool finite) {
    good_ = finite ? good_ + 1 : 0;
    skipped_ += finite ? 0 : 1;
    if (!finite) value_ = std::max(config_.least, value_ / 2);
    if (good_ == config_.patience) {
      value_ = std::min(config_.most, value_ * 2);
      good_ = 0;
    }
  }

 private:
  static bool is_power(float x) {
    int exponent = 0;
    return std::isfinite(x) && std::frexp(x, &exponent) == 0.5f;
  }

  Config config_;
  float value_;
  Index good_ = 0, skipped_ = 0;
};

/// A backend whose gradients want a factor on the loss.
template <class B>
concept ScalesLoss = requires(B& backend) {
  { backend.loss_scale() } -> std::same_as<LossScale&>;
};

}  // namespace sseg

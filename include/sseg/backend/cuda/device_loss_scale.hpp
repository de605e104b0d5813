#pragma once
#include <array>
#include <optional>

#include "sseg/backend/cuda/device.hpp"
#include "sseg/backend/loss_scale.hpp"

namespace sseg::cuda {

/// A LossScale that the device keeps up. The host has a copy, brought up to date when it is asked for; what it does to
/// that copy reaches the device before the next step.
class DeviceLossScale {
 public:
  /// Waits. Valid until the next step.
  LossScale& read(Device& d) {
    if (!known_) return here_;
    std::array<double, 3> counts{};
    d.download(counts.data(), there_.data(), sizeof(counts));
    LossScale now = *known_;  // the device's own, whatever the host has made of its copy
    now.restore({static_cast<float>(counts[0]), static_cast<Index>(counts[1]), static_cast<Index>(counts[2])});
    if (here_ == *known_) here_ = now;
    known_ = now;
    return here_;
  }
  /// Value, good steps in a row, steps skipped, on the device.
  double* place(Device& d) {
    if (known_ && here_ == *known_) return there_.data();
    there_.reserve_at_least(d.pool(), 3);
    const LossScale::Counts& c = here_.counts();
    const std::array<double, 3> counts{static_cast<double>(c.value), static_cast<double>(c.good),
                                       static_cast<double>(c.skipped)};
    d.upload(there_.data(), counts.data(), sizeof(counts));
    known_ = here_;
    return there_.data();
  }
  const LossScaleConfig& config() const { return here_.config(); }

 private:
  LossScale here_;
  std::optional<LossScale> known_;  ///< what here_ was when both were the same; none: the device has none yet
  DeviceArray<double> there_;
};

}  // namespace sseg::cuda

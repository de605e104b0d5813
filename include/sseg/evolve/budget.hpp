#pragma once
#include "sseg/evolve/cost.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Limits that growth never exceeds; 0: no limit. A limit in milliseconds is measured, so it makes a run depend on the
/// machine.
struct Budget {
  Index max_blocks = 0;    ///< convolution blocks of the backbone
  Index max_channels = 0;  ///< of any stage
  Index max_macs = 0;      ///< for one image
  Index max_params = 0;
  double max_milliseconds = 0;  ///< for one image
  bool operator==(const Budget&) const = default;

  bool unlimited() const { return *this == Budget{}; }
};

/// Every limit is kept.
constexpr bool within(const Budget& b, const Cost& c) {
  const auto kept = [](auto limit, auto value) { return !(limit > 0) || value <= limit; };
  return kept(b.max_blocks, c.blocks) && kept(b.max_channels, c.channels) && kept(b.max_macs, c.macs) &&
         kept(b.max_params, c.params) && kept(b.max_milliseconds, c.milliseconds);
}

}  // namespace sseg

SSEG_FIELDS(sseg::Budget, max_blocks, max_channels, max_macs, max_params, max_milliseconds);

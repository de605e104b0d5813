#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "sseg/backend/cuda/device_memory.hpp"

namespace sseg::cuda {

/// The cohorts of widened tensors, which lie on the host (a byte for each weight) and change at a mutation alone, as a
/// device sees them: they are sent when they are not those that were sent before.
class CohortCache {
 public:
  /// The same bytes on the device. They stay there until others come from the same place of the host, or none have for
  /// a while.
  const std::uint8_t* there(DeviceMemory& memory, std::span<const std::uint8_t> here) {
    ++asked_;
    Kept& kept = kept_[here.data()];
    if (kept.asked > 0) period_ = asked_ - kept.asked;
    kept.asked = asked_;
    if (!std::equal(here.begin(), here.end(), kept.here.begin(), kept.here.end())) {
      drop_unused();
      kept.here.clear();  // until they are there
      kept.there = DeviceArray<std::uint8_t>();
      kept.there = DeviceArray<std::uint8_t>(memory.pool(), static_cast<Index>(here.size()));
      memory.upload(kept.there.data(), here.data(), here.size());
      kept.here.assign(here.begin(), here.end());
    }
    return kept.there.data();
  }
  std::size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    std::vector<std::uint8_t> here;
    DeviceArray<std::uint8_t> there;
    std::uint64_t asked = 0;
  };
  /// Those of a net before a mutation: a step asks for each of its own once.
  void drop_unused() {
    const std::uint64_t most = 2 * period_ + 16;
    std::erase_if(kept_, [&](const auto& k) { return asked_ - k.second.asked > most; });
  }

  std::map<const std::uint8_t*, Kept> kept_;
  std::uint64_t asked_ = 0;
  std::uint64_t period_ = 1024;  ///< after so many others the same was asked for again
};

}  // namespace sseg::cuda

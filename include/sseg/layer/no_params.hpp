#pragma once
#include <string>
#include <vector>

#include "sseg/concepts/layer.hpp"

namespace sseg {

/// Base of layers that own nothing: no parameters, no state, nothing kept, no scratch, no multiply-adds.
/// A derived layer redeclares what differs.
struct NoParams {
  constexpr Index param_count() const { return 0; }
  constexpr Index state_count() const { return 0; }
  constexpr Index keep(Shape) const { return 0; }
  constexpr Index scratch(Shape) const { return 0; }
  constexpr Index macs(Shape) const { return 0; }
  void describe_params(const std::string&, std::vector<ParamDesc>&) const {}
  bool operator==(const NoParams&) const = default;
};

}  // namespace sseg

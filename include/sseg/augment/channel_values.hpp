#pragma once
#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// A number for each channel of a picture; one of a single channel has only the first.
struct ChannelValues {
  float red = 0, green = 0, blue = 0;
  bool operator==(const ChannelValues&) const = default;

  /// Requires: 0 <= channel < 3.
  constexpr float operator[](Index channel) const { return channel == 0 ? red : channel == 1 ? green : blue; }
};

}  // namespace sseg

SSEG_FIELDS(sseg::ChannelValues, red, green, blue);

#pragma once
#include <cstdint>
#include <vector>

#include "sseg/core/shape.hpp"

namespace sseg {

/// An 8-bit picture as files hold it: row-major, `bytes[(y · width + x) · channels + c]`; 1 channel is gray, 3 are RGB.
struct Picture {
  Index height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> bytes;

  bool operator==(const Picture&) const = default;
};

}  // namespace sseg

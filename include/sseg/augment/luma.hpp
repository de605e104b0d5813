#pragma once
#include "sseg/core/shape.hpp"

namespace sseg {

/// How bright a pixel is: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) of three channels, of any other number the mean.
constexpr float luma(const float* pixel, Index channels) {
  if (channels == 3) return 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
  float sum = 0;
  for (Index c = 0; c < channels; ++c) sum += pixel[c];
  return sum / static_cast<float>(channels);
}

}  // namespace sseg

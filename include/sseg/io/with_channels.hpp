#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/picture.hpp"

namespace sseg {

/// The picture with 1 channel (gray) or 3 (RGB); 0 leaves it as it is. Gray becomes three equal channels; colour
/// becomes luma, (299 R + 587 G + 114 B) / 1000 rounded (ITU-R BT.601). Throws `Error` for another number of channels.
inline Picture with_channels(Picture picture, Index channels) {
  if (channels != 0 && channels != 1 && channels != 3)
    throw Error("a picture is made with 1 or 3 channels, not " + std::to_string(channels), "with_channels",
                "Ask for 0 (as the file has it), 1 or 3 channels.");
  if (channels == 0 || channels == picture.channels) return picture;
  const std::size_t pixels = to_size(picture.height * picture.width);
  auto& v = picture.bytes;
  if (channels == 1) {
    for (std::size_t i = 0; i < pixels; ++i)
      v[i] = static_cast<std::uint8_t>((299 * v[3 * i] + 587 * v[3 * i + 1] + 114 * v[3 * i + 2] + 500) / 1000);
    v.resize(pixels);
  } else {
    v.resize(3 * pixels);
    for (std::size_t i = pixels; i-- > 0;) v[3 * i + 2] = v[3 * i + 1] = v[3 * i] = v[i];
  }
  picture.channels = channels;
  return picture;
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/omniglot_options.hpp"
#include "sseg/io/png.hpp"

namespace sseg {

/// Side of every original Omniglot drawing, in pixels.
inline constexpr Index omniglot_side = 105;
/// No original file is larger than a few hundred bytes.
inline constexpr Index omniglot_max_file_bytes = Index{1} << 20;

/// A drawing that is not square is put on paper that is: the longest side for which that is done.
inline constexpr Index omniglot_max_side = 8192;

/// Brings a gray drawing of any size up to that, dark ink on light paper, to out (size, size, 1) as the options say;
/// one that is not square gets paper on both sides first.
inline void prepare_drawing(const Picture& gray, const OmniglotOptions& options, View<float> out) {
  require(gray.channels == 1 && gray.height > 0 && gray.width > 0, "a drawing is a gray picture", "prepare_drawing",
          "convert it with_channels(picture, 1)");
  const Index side = std::max(gray.height, gray.width);
  require(side <= omniglot_max_side, "a drawing with too long a side", "prepare_drawing",
          "cut it: a square of its longer side must not exceed 8192 pixels");
  const Index top = (side - gray.height) / 2, left = (side - gray.width) / 2;
  std::vector<float> ink(to_size(side * side), 0.f);
  for (Index y = 0; y < gray.height; ++y)
    for (Index x = 0; x < gray.width; ++x)
      ink[to_size((top + y) * side + left + x)] =
          static_cast<float>(255 - gray.bytes[to_size(y * gray.width + x)]) / 255.0f;
  const View<const float> drawing(ink.data(), {side, side, 1});
  if (options.center)
    options.center_ink(drawing, out, options.filter);
  else
    resize(drawing, out, options.filter);
  if (!options.ink_is_one)
    for (float& v : out.flat()) v = 1 - v;
}

/// Decodes one Omniglot PNG (black ink on white) and writes it as the options say to out (size, size, 1). Throws
/// `Error` unless it is a PNG of 105 x 105 pixels.
inline void read_omniglot_drawing(std::string_view png, const std::string& where, const OmniglotOptions& options,
                                  View<float> out) {
  const Picture picture = decode_png(png, where, {1, Index{1} << 22});
  if (picture.height != omniglot_side || picture.width != omniglot_side)
    throw Error("an Omniglot drawing has 105 x 105 pixels, this one " + std::to_string(picture.height) + " x " +
                    std::to_string(picture.width),
                where, "Use the original images; sseg resizes them itself.");
  prepare_drawing(picture, options, out);
}

namespace detail {

/// Refuses a size that makes no image, or more pixels than fit in memory.
inline Shape omniglot_shape(const OmniglotOptions& options, Index images, const std::string& where) {
  if (options.size < 1 || options.size > 1024)
    throw Error("cannot make images of side " + std::to_string(options.size), where,
                "Set OmniglotOptions::size between 1 and 1024; 28 is usual.");
  if (images > (Index{1} << 32) / (options.size * options.size))
    throw Error(std::to_string(images) + " images of side " + std::to_string(options.size) + " are too many", where,
                "Set a smaller OmniglotOptions::size.");
  return {options.size, options.size, 1};
}

}  // namespace detail

}  // namespace sseg

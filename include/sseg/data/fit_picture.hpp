#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/pixel_values.hpp"
#include "sseg/data/resize.hpp"

namespace sseg {

/// How a picture of another form becomes height x width. `crop`: the largest part of that form in its middle.
/// `stretch`: the whole picture, each side by its own factor.
enum class PictureFit { crop, stretch };

/// A picture of bytes (H, W, C) brought to out (h, w, C) without aliasing. A part that is cut out begins at a whole
/// pixel, so that a cut alone blurs nothing. A picture of that size keeps its bytes.
/// Throws `Error` when the channels differ or a picture is empty.
inline void fit_picture(View<const std::uint8_t> in, View<std::uint8_t> out, PictureFit fit = PictureFit::crop,
                        ResizeFilter filter = ResizeFilter::triangle) {
  detail::check_resize(in.shape, out.shape);
  if (in.shape == out.shape) {
    std::copy_n(in.data, in.shape.count(), out.data);
    return;
  }
  std::vector<float> values(to_size(in.shape.count())), resized(to_size(out.shape.count()));
  to_unit_values(in.data, in.shape.count(), values.data());
  Window part{0, 0, static_cast<double>(in.shape[0]), static_cast<double>(in.shape[1])};
  if (fit == PictureFit::crop) {
    const double form = static_cast<double>(out.shape[1]) / static_cast<double>(out.shape[0]);
    part.width = std::min(part.width, part.height * form);
    part.height = std::min(part.height, part.width / form);
    part.top = std::floor((static_cast<double>(in.shape[0]) - part.height) / 2);
    part.left = std::floor((static_cast<double>(in.shape[1]) - part.width) / 2);
  }
  resize_crop({values.data(), in.shape}, part, {resized.data(), out.shape}, filter);
  std::transform(resized.begin(), resized.end(), out.data, to_byte);
}

}  // namespace sseg

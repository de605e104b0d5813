#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/image_folder_options.hpp"
#include "sseg/data/pixel_values.hpp"
#include "sseg/data/resize.hpp"
#include "sseg/io/picture.hpp"

namespace sseg {

/// A picture of any form brought to out (h, w, C) without aliasing: the largest part of that form in its middle, or
/// stretched. A picture of that size keeps its bytes. Throws `Error` when the channels differ or a picture is empty.
inline void fit_picture(const Picture& p, PictureFit fit, ResizeFilter filter, View<std::uint8_t> out) {
  const Shape in{p.height, p.width, p.channels};
  if (in == out.shape) {
    std::copy(p.bytes.begin(), p.bytes.end(), out.data);
    return;
  }
  detail::check_resize(in, out.shape);
  std::vector<float> values(p.bytes.size()), result(to_size(out.shape.count()));
  to_unit_values(p.bytes.data(), in.count(), values.data());
  auto height = static_cast<double>(p.height), width = static_cast<double>(p.width);
  if (fit == PictureFit::crop) {
    const auto form = static_cast<double>(out.shape[1]) / static_cast<double>(out.shape[0]);
    width = std::min(width, height * form);
    height = std::min(height, width / form);
  }
  const Window window{(static_cast<double>(p.height) - height) / 2, (static_cast<double>(p.width) - width) / 2, height,
                      width};
  resize_crop({values.data(), in}, window, {result.data(), out.shape}, filter);
  std::transform(result.begin(), result.end(), out.data, to_byte);
}

}  // namespace sseg

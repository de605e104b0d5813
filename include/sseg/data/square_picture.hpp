#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/pixel_values.hpp"
#include "sseg/data/resize.hpp"

namespace sseg {

/// The largest square in the middle of a picture of bytes, in (H, W, C), resized without aliasing to out
/// (size, size, C): its shorter side becomes `size`. A picture of that size keeps its bytes.
/// Throws `Error` when the channels differ or a picture is empty.
inline void square_picture(View<const std::uint8_t> in, View<std::uint8_t> out,
                           ResizeFilter filter = ResizeFilter::triangle) {
  detail::check_resize(in.shape, out.shape);
  if (in.shape == out.shape) {
    std::copy_n(in.data, in.shape.count(), out.data);
    return;
  }
  static thread_local std::vector<float> values, resized;
  values.resize(std::max(values.size(), to_size(in.shape.count())));
  resized.resize(std::max(resized.size(), to_size(out.shape.count())));
  to_unit_values(in.data, in.shape.count(), values.data());
  const Index side = std::min(in.shape[0], in.shape[1]);
  const Index top = (in.shape[0] - side) / 2, left = (in.shape[1] - side) / 2;  // whole pixels: no blur from the cut
  const Window square{static_cast<double>(top), static_cast<double>(left), static_cast<double>(side),
                      static_cast<double>(side)};
  resize_crop({values.data(), in.shape}, square, {resized.data(), out.shape}, filter);
  std::transform(resized.data(), resized.data() + out.shape.count(), out.data, to_byte);
}

}  // namespace sseg

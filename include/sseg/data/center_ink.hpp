#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/resize.hpp"

namespace sseg {

/// Centres a drawing (ink near 1 on paper 0) in its frame: moves, and with `rescale` also zooms, so that the ink's
/// bounding box or its centroid lies in the middle. Without `rescale` the move is by whole source pixels, so a drawing
/// of zeros and ones that keeps its size keeps its values.
struct CenterInk {
  enum class On { box, centroid };

  On on = On::box;
  bool rescale = false;
  float margin = 0.1f;     ///< with `rescale`: paper left on each side, as a fraction of the frame, in [0, 0.5)
  float max_zoom = 2.0f;   ///< with `rescale`: a dot is not blown up beyond this
  float threshold = 0.5f;  ///< a pixel is ink when a channel exceeds this

  bool operator==(const CenterInk&) const = default;

  /// The part of image (H, W, C) that the centred frame shows; the whole image when it has no ink.
  Window window(View<const float> image) const {
    require(image.shape.rank == 3 && image.shape.count() > 0, "not an image", "CenterInk", "Give a view of (H, W, C).");
    require(margin >= 0 && margin < 0.5f && max_zoom > 0, "margin or max_zoom out of range", "CenterInk",
            "Give 0 <= margin < 0.5 and max_zoom > 0.");
    const auto height = static_cast<double>(image.shape[0]), width = static_cast<double>(image.shape[1]);
    const Ink ink = find_ink(image);
    if (ink.count == 0) return {0, 0, height, width};
    double y = 0.5 * (ink.top + ink.bottom), x = 0.5 * (ink.left + ink.right);
    if (on == On::centroid) y = ink.sum_y / ink.count, x = ink.sum_x / ink.count;
    if (!rescale) return {std::round(y - 0.5 * height), std::round(x - 0.5 * width), height, width};

    const double room = 0.5 * (1.0 - 2.0 * static_cast<double>(margin));
    const double scale =
        std::max({std::max(y - ink.top, ink.bottom - y) / (room * height),
                  std::max(x - ink.left, ink.right - x) / (room * width), 1.0 / static_cast<double>(max_zoom)});
    return {y - 0.5 * scale * height, x - 0.5 * scale * width, scale * height, scale * width};
  }

  /// Writes the centred drawing to out (h, w, C), resized in the same pass.
  void operator()(View<const float> in, View<float> out, ResizeFilter filter = ResizeFilter::area) const {
    resize_window(in, window(in), out, filter);
  }

 private:
  /// Extents are pixel edges; sums are over pixel centres.
  struct Ink {
    double top = std::numeric_limits<double>::max(), left = top, bottom = 0, right = 0, sum_y = 0, sum_x = 0, count = 0;
  };

  Ink find_ink(View<const float> image) const {
    Ink ink;
    const float* pixel = image.data;
    const Index channels = image.shape[2];
    for (Index row = 0; row < image.shape[0]; ++row)
      for (Index column = 0; column < image.shape[1]; ++column, pixel += channels) {
        if (std::none_of(pixel, pixel + channels, [this](float v) { return v > threshold; })) continue;
        const auto y = static_cast<double>(row), x = static_cast<double>(column);
        ink.top = std::min(ink.top, y), ink.bottom = std::max(ink.bottom, y + 1);
        ink.left = std::min(ink.left, x), ink.right = std::max(ink.right, x + 1);
        ink.sum_y += y + 0.5, ink.sum_x += x + 0.5, ink.count += 1;
      }
    return ink;
  }
};

}  // namespace sseg

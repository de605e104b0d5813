#pragma once
#include <algorithm>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/data/center_ink.hpp"
#include "sseg/data/resize.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// The last step of a pipeline: brings a picture to the size the net reads, antialiased, and for drawings centres and
/// zooms it by its ink as evaluation does. Distorting a large picture and framing it afterwards keeps strokes as crisp,
/// as thick and as centred as those of undistorted drawings; see docs/decisions/0006-distort-large.md. Draws nothing.
struct Frame {
  Index side = 28;       ///< height and width of the result
  bool center = false;   ///< centre by the centroid of the ink
  bool rescale = false;  ///< and zoom until the ink fills the frame but for a margin of a tenth
  bool operator==(const Frame&) const = default;

  constexpr Shape out_shape(Shape s) const { return {side, side, s[2]}; }

  void operator()(Rng&, View<const float> in, View<float> out) const {
    if (center)
      CenterInk{.on = CenterInk::On::centroid, .rescale = rescale, .max_zoom = 3.f, .threshold = 0.3f}(in, out);
    else if (in.shape == out.shape)
      std::copy_n(in.data, in.shape.count(), out.data);
    else
      resize(in, out);
  }
};

static_assert(Augmentation<Frame>);

}  // namespace sseg

SSEG_FIELDS(sseg::Frame, side, center, rescale);

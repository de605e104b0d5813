#pragma once
#include "sseg/core/shape.hpp"
#include "sseg/data/center_ink.hpp"
#include "sseg/data/resize.hpp"

namespace sseg {

/// How Omniglot drawings are prepared, for the background sets and for the one-shot runs alike. `size = 105` with
/// `center = false` gives the original pixels.
struct OmniglotOptions {
  Index size = 28;     ///< side of the images in pixels, 1 … 1024
  bool center = true;  ///< centre the ink as `center_ink` says
  CenterInk center_ink{};
  ResizeFilter filter = ResizeFilter::area;
  bool ink_is_one = true;  ///< ink 1 on paper 0; false: black on white, ink 0 on paper 1
};

}  // namespace sseg

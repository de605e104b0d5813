#pragma once
#include <cstdint>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/data/fit_picture.hpp"
#include "sseg/data/omniglot_drawing.hpp"
#include "sseg/data/pixel_values.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/load_images.hpp"
#include "sseg/io/picture.hpp"
#include "sseg/io/with_channels.hpp"

namespace sseg {

/// The shape (H, W, C) of the pictures that the evaluation of a run reads, `main_frame` and its copies being made of
/// them; `channels`: what the net reads.
inline Shape evaluation_shape(const RunConfig& c, Index channels) {
  const DataConfig& d = c.data;
  const Index side = d.source == "cifar_fs" ? 32 : d.image_size * (synthetic(d) ? 1 : d.oversample);
  return {side, side, channels};
}

/// Brings a picture from a file, of any size, to out, of `evaluation_shape`, exactly as the loader of the run's data
/// set does. Colour becomes gray and gray three equal channels, as the net wants them (`with_channels`). An Omniglot
/// net reads dark ink on light paper, centred and zoomed as its settings say; every other net the largest square in the
/// middle, resized without aliasing; a picture of that size keeps its bytes.
inline void evaluation_picture(const RunConfig& c, Picture picture, View<float> out) {
  picture = with_channels(std::move(picture), out.shape[2]);
  if (c.data.source == "omniglot") return prepare_drawing(picture, omniglot_options(c.data, c.data.oversample), out);
  std::vector<std::uint8_t> bytes(to_size(out.shape.count()));
  fit_picture({picture.bytes.data(), {picture.height, picture.width, picture.channels}}, {bytes.data(), out.shape});
  to_unit_values(bytes.data(), out.shape.count(), out.data);
}

}  // namespace sseg

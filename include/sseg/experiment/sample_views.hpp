#pragma once
#include <algorithm>
#include <filesystem>

#include "sseg/core/rng.hpp"
#include "sseg/data/any_dataset.hpp"
#include "sseg/data/pixel_values.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/io/png.hpp"
#include "sseg/report/event_writer.hpp"

namespace sseg {

namespace detail {

/// Puts a picture (H, W, C) into a sheet of bytes, its corner at (y, x).
inline void paste(View<const float> from, Index y, Index x, Picture& sheet) {
  const Index row = from.shape[1] * from.shape[2];
  for (Index r = 0; r < from.shape[0]; ++r)
    std::transform(from.data + r * row, from.data + (r + 1) * row,
                   sheet.bytes.begin() + ((y + r) * sheet.width + x) * sheet.channels, to_byte);
}

}  // namespace detail

/// What the net looks at: `columns` pictures, evenly spaced in the data set, side by side; above as evaluation sees
/// them, below `views` distorted views of each. Throws: Error when there are no pictures.
inline Picture sample_views(const RunConfig& c, const AnyDataset& images, Index columns = 8, Index views = 4) {
  require(images.size() > 0, "there are no pictures to show", "sample_views", "give it a data set");
  columns = std::min(columns, images.size());
  const Shape raw = images.spec().shape, seen = main_frame(c).out_shape(raw);
  constexpr Index gap = 2;
  Picture sheet{(views + 1) * (seen[0] + gap) - gap, columns * (seen[1] + gap) - gap, seen[2], {}};
  sheet.bytes.assign(to_size(sheet.height * sheet.width * sheet.channels), 128);
  Buffer<float> plain(raw.count()), view(seen.count());
  const MainAugment augment = main_augment(c);
  for (Index i = 0; i < columns; ++i) {
    images.read(i * images.size() / columns, {plain.data(), raw});
    for (Index v = 0; v <= views; ++v) {
      Rng draw = Rng(c.seed).split("sample views").split(static_cast<std::uint64_t>(i * (views + 1) + v));
      const View<float> out{view.data(), seen};
      if (v == 0)
        main_frame(c)(draw, {plain.data(), raw}, out);
      else
        augment(draw, {plain.data(), raw}, out);
      detail::paste(out, v * (seen[0] + gap), i * (seen[1] + gap), sheet);
    }
  }
  return sheet;
}

/// Shows them in TensorBoard: an event file of their own in the run's folder. Before `pretrain`, whose event file must
/// be the newest. Throws: Error when the file cannot be written.
inline void log_sample_views(const std::filesystem::path& folder, const RunConfig& c, const AnyDataset& images) {
  const Picture sheet = sample_views(c, images);
  EventWriter(folder).write(
      0, EventSummary().image("views", sheet.height, sheet.width, sheet.channels, encode_png(sheet)));
}

}  // namespace sseg

#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_output.hpp"
#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/backend/cpu/winograd_transform.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// Tiles of M×M outputs that cover the outputs of all images, numbered image by image, row by row.
template <int M>
struct TileGrid {
  Index rows, cols, count;

  constexpr explicit TileGrid(const Correlation& s)
      : rows(ceil_div(s.out_h, M)), cols(ceil_div(s.out_w, M)), count(s.n * rows * cols) {}
};

/// Where a tile lies: image, first output row and column.
struct TilePlace {
  Index image, row, col;
};
template <int M>
constexpr TilePlace tile_place(const TileGrid<M>& grid, Index tile) {
  const Index in_image = tile % (grid.rows * grid.cols);
  return {tile / (grid.rows * grid.cols), in_image / grid.cols * M, in_image % grid.cols * M};
}

/// Tiles that are taken together: what they become (`floats_per_tile`) stays in the L2, and a register tile is full. A
/// function of the shapes alone.
template <int M, int Lanes>
constexpr Index tiles_together(const Correlation& s, Index floats_per_tile) {
  constexpr Index target_floats = 160 * 1024, most = 4, least_blocks = 16;
  const Index fit = target_floats / std::max<Index>(1, floats_per_tile * tile_rows<Lanes>);
  const Index share = ceil_div(TileGrid<M>(s).count, least_blocks * tile_rows<Lanes>);
  return tile_rows<Lanes> * std::clamp<Index>(std::min(fit, share), 1, most);
}

/// The planes of one block of tiles: position ξ of tile t begins at ξ·plane + t·width. An odd number of cache lines
/// lies between planes' ends, so that 36 of them do not fall into one set of the L1.
struct Planes {
  Index width, plane;
  constexpr Planes(Index tiles, Index floats) : width(floats), plane((tiles * floats + 15) / 16 * 16 + 16) {}
  constexpr Index floats(Index positions) const { return positions * plane; }
};

/// f(k) for vectors that cover channels 0 … count−1; the last overlaps the one before where `Lanes` does not divide
/// count, so f must not add up. Requires: count ≥ Lanes.
template <int Lanes, class F>
SSEG_INLINE inline void over_channels(Index count, F&& f) {
  for (Index k = 0; k < count; k += Lanes) f(std::min(k, count - Lanes));
}

/// V[ξ] of one tile: Bᵀ d B for every input channel, d being the (M+2)² inputs, zero outside the image. `patch` holds
/// (M+2)²·C floats.
template <int M, int Lanes>
SSEG_INLINE inline void input_tile(const Correlation& s, const float* x, const TilePlace& at_tile, float* patch,
                                   float* v, Index plane) {
  constexpr int side = Winograd<M>::in;
  const Index row = at_tile.row - s.pad, col = at_tile.col - s.pad, c = s.in_c;
  const float* image = x + at_tile.image * s.in_h * s.in_w * c;
  const float* from = patch;
  Index pitch = side * c;
  if (row < 0 || col < 0 || row + side > s.in_h || col + side > s.in_w) {
    const Index left = std::clamp<Index>(-col, 0, side), right = std::clamp<Index>(s.in_w - col, left, side);
    for (Index i = 0; i < side; ++i) {
      float* to = patch + i * side * c;
      const bool inside = row + i >= 0 && row + i < s.in_h && right > left;
      if (!inside) {
        std::fill_n(to, side * c, 0.f);
        continue;
      }
      std::fill_n(to, left * c, 0.f);
      std::copy_n(image + ((row + i) * s.in_w + col + left) * c, (right - left) * c, to + left * c);
      std::fill_n(to + right * c, (side - right) * c, 0.f);
    }
  } else {
    from = image + (row * s.in_w + col) * c;
    pitch = s.in_w * c;
  }
  over_channels<Lanes>(c, [&](Index k) SSEG_INLINE {
    transform_2d<Lanes, side, side>([](const auto& d, auto& to) SSEG_INLINE { Winograd<M>::input(d, to); },
                                    [&](int i, int j, Vec<Lanes>& d)
                                        SSEG_INLINE { d = at<Lanes>(from + i * pitch + j * c + k).v; },
                                    [&](int i, int j, const Vec<Lanes>& value)
                                        SSEG_INLINE { at<Lanes>(v + (i * side + j) * plane + k).v = value; });
  });
}

/// V of tiles `tiles`, one after the other.
template <int M, int Lanes>
void input_tiles(const Correlation& s, const TileGrid<M>& grid, Range tiles, const float* x, float* patch,
                 const Planes& planes, float* v) {
  Isa<Lanes>::call([&]() SSEG_INLINE {
    for (Index t = 0; t < tiles.size(); ++t)
      input_tile<M, Lanes>(s, x, tile_place(grid, tiles.begin + t), patch, v + t * planes.width, planes.plane);
  });
}

/// Aᵀ m A + bias of one tile, as far as it lies in the image.   m:(positions) planes of s.out_c channels
template <int M, int Lanes>
void output_tile(const Correlation& s, const float* m, Index plane, const float* bias, const OutputPart& part) {
  constexpr int side = Winograd<M>::in;
  const Index o = s.out_c;
  const auto channels = [&](Index k) SSEG_INLINE {
    const Vec<Lanes> b = at<Lanes>(bias + k).v;
    transform_2d<Lanes, side, M>([](const auto& from, auto& out) SSEG_INLINE { Winograd<M>::output(from, out); },
                                 [&](int i, int j, Vec<Lanes>& value)
                                     SSEG_INLINE { value = at<Lanes>(m + (i * side + j) * plane + k).v; },
                                 [&](int i, int j, const Vec<Lanes>& value) SSEG_INLINE {
                                   if (i < part.rows && j < part.cols)
                                     at<Lanes>(part.at + i * part.pitch + j * o + k).v = value + b;
                                 });
  };
  Isa<Lanes>::call([&]() SSEG_INLINE { over_channels<Lanes>(o, channels); });
}

/// A dY Aᵀ of one tile for output channels `channels`, dY zero outside the image, into planes `m`, where channels.begin
/// comes first. Up to `Lanes` floats before each place are written too. Requires: channels.end ≥ Lanes.
template <int M, int Lanes>
SSEG_INLINE inline void output_tile_adjoint(const Correlation& s, const float* dy, const TilePlace& at_tile,
                                            Range channels, float* m, Index plane) {
  constexpr int side = Winograd<M>::in;
  const Index rows = std::min<Index>(M, s.out_h - at_tile.row), cols = std::min<Index>(M, s.out_w - at_tile.col);
  const Index o = s.out_c, pitch = s.out_w * o;
  const float* from = dy + ((at_tile.image * s.out_h + at_tile.row) * s.out_w + at_tile.col) * o + channels.begin;
  const auto one = [&](Index k) SSEG_INLINE {
    transform_2d<Lanes, M, side>([](const auto& y, auto& to) SSEG_INLINE { Winograd<M>::output_adjoint(y, to); },
                                 [&](int i, int j, Vec<Lanes>& value) SSEG_INLINE {
                                   value = Vec<Lanes>{};
                                   if (i < rows && j < cols) value = at<Lanes>(from + i * pitch + j * o + k).v;
                                 },
                                 [&](int i, int j, const Vec<Lanes>& value)
                                     SSEG_INLINE { at<Lanes>(m + (i * side + j) * plane + k).v = value; });
  };
  // The last vector overlaps the one before, or channels before the first.
  for (Index k = 0; k < channels.size(); k += Lanes) one(std::min(k, channels.size() - Lanes));
}

}  // namespace sseg::cpu

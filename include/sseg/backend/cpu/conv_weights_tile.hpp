#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/backend/cpu/isa.hpp"

namespace sseg::cpu {

/// One register tile of the weight gradient: some neighbouring (v, c) of one kernel row × one block of output channels,
/// summed over the pixels of a band:  dw[r, lane] += Σ_{i,j} x[i·x_row + j·x_step + r] · dy[i·dy_row + j·dy_step +
/// lane]
struct WeightsTile {
  const float* x;
  Index x_row, x_step;
  const float* dy;
  Index dy_row, dy_step;
  Index height, width;  ///< output pixels
  float* dw;            ///< [rows][lanes of the block]
};

template <int Lanes, int Rows, int Vectors>
SSEG_INLINE inline void weights_tile(const WeightsTile& a) {
  Vec<Lanes> sum[Rows][Vectors];
  SSEG_UNROLL
  for (int r = 0; r < Rows; ++r) SSEG_UNROLL
  for (int v = 0; v < Vectors; ++v) sum[r][v] = at<Lanes>(a.dw + (r * Vectors + v) * Lanes).v;
  const Index x_step = a.x_step, dy_step = a.dy_step, width = a.width;
  for (Index i = 0; i < a.height; ++i) {
    const float* x = a.x + i * a.x_row;
    const float* dy = a.dy + i * a.dy_row;
    for (Index j = 0; j < width; ++j, x += x_step, dy += dy_step) {
      Vec<Lanes> g[Vectors];
      SSEG_UNROLL
      for (int v = 0; v < Vectors; ++v) g[v] = at<Lanes>(dy + v * Lanes).v;
      SSEG_UNROLL
      for (int r = 0; r < Rows; ++r) {
        const float value = x[r];
        SSEG_UNROLL
        for (int v = 0; v < Vectors; ++v) sum[r][v] += value * g[v];
      }
    }
  }
  SSEG_UNROLL
  for (int r = 0; r < Rows; ++r) SSEG_UNROLL
  for (int v = 0; v < Vectors; ++v) at<Lanes>(a.dw + (r * Vectors + v) * Lanes).v = sum[r][v];
}

template <int Lanes, int Rows, int Vectors>
struct WeightsTileBody {
  SSEG_INLINE void operator()(const WeightsTile& a) const { weights_tile<Lanes, Rows, Vectors>(a); }
};

using WeightsKernel = void (*)(const WeightsTile&);

template <int Lanes, int Vectors, int... R>
constexpr std::array<WeightsKernel, sizeof...(R) + 1> weights_table(std::integer_sequence<int, R...>) {
  return {&Isa<Lanes>::template invoke<WeightsTileBody<Lanes, R + 1, Vectors>, WeightsTile>...,
          &Isa<Lanes>::template invoke<WeightsTileBody<Lanes, tile_rows<Lanes>, Vectors>, WeightsTile>};
}
/// The kernel for `rows` of a TileCut and 1 ≤ `vectors` ≤ tile_vectors.
template <int Lanes>
WeightsKernel weights_kernel(Index rows, Index vectors) {
  using Rows = std::make_integer_sequence<int, static_cast<int>(TileCut<Lanes>::most_left)>;
  static constexpr auto one = weights_table<Lanes, 1>(Rows{});
  static constexpr auto two = weights_table<Lanes, 2>(Rows{});
  const std::size_t i = to_size(std::min(rows - 1, TileCut<Lanes>::most_left));
  return (vectors == 1 ? one : two)[i];
}

}  // namespace sseg::cpu

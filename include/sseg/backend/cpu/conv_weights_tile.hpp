#pragma once
#include <array>
#include <cstddef>
#include <utility>

#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/backend/cpu/isa.hpp"

namespace sseg::cpu {

/// One register tile of the weight gradient: some neighbouring (v, c) of one kernel row × one block of output channels,
/// summed over the pixels of one image's band or of some images:
///   dw[r, lane] += Σ_{n,i,j} x[n·x_image + i·x_row + j·x_step + r] · dy[(n·height + i)·dy_row + j·dy_step + lane]
struct WeightsTile {
  const float* x;
  Index x_row, x_step;
  const float* dy;
  Index dy_row, dy_step;
  Index height, width;  ///< output pixels
  float* dw;            ///< [rows][lanes of the block]
  Index images = 1, x_image = 0;
};

template <int Lanes, int Rows, int Vectors>
SSEG_INLINE inline void weights_tile(const WeightsTile& a) {
  Vec<Lanes> sum[Rows][Vectors];
  SSEG_UNROLL
  for (int r = 0; r < Rows; ++r) SSEG_UNROLL
  for (int v = 0; v < Vectors; ++v) sum[r][v] = at<Lanes>(a.dw + (r * Vectors + v) * Lanes).v;
  const Index x_step = a.x_step, dy_step = a.dy_step, width = a.width;
  const float* dy_row = a.dy;
  for (Index n = 0; n < a.images; ++n) {
    const float* x_row = a.x + n * a.x_image;
    for (Index i = 0; i < a.height; ++i, x_row += a.x_row, dy_row += a.dy_row) {
      const float* x = x_row;
      const float* dy = dy_row;
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

template <int Lanes, int Vectors, std::size_t... K>
constexpr std::array<WeightsKernel, sizeof...(K)> weights_table(std::index_sequence<K...>) {
  return {&Isa<Lanes>::template invoke<WeightsTileBody<Lanes, TileCut<Lanes>::rows_of(K), Vectors>, WeightsTile>...};
}
/// The kernel for `rows` of a TileCut and 1 ≤ `vectors` ≤ tile_vectors.
template <int Lanes>
WeightsKernel weights_kernel(Index rows, Index vectors) {
  using All = std::make_index_sequence<TileCut<Lanes>::kernels>;
  static constexpr auto one = weights_table<Lanes, 1>(All{});
  static constexpr auto two = weights_table<Lanes, 2>(All{});
  return (vectors == 1 ? one : two)[TileCut<Lanes>::kernel_of(rows)];
}

}  // namespace sseg::cpu

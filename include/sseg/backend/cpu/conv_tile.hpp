#pragma once
#include <array>
#include <cstddef>
#include <utility>

#include "sseg/backend/cpu/conv_shape.hpp"
#include "sseg/backend/cpu/isa.hpp"

namespace sseg::cpu {

/// One register tile of a correlation: some output pixels of a row × one block of output channels.
struct CorrelateTile {
  const float* x;     ///< band, at the first pixel's window
  Index pitch, step;  ///< floats between the window's rows; between neighbouring output pixels
  const float* w;     ///< packed block [rows][run][lanes]
  Index rows, run;    ///< kernel; kernel·in_c
  const float* bias;  ///< lanes of the block
  float* y;           ///< first pixel's channels
  Index y_step;       ///< floats between neighbouring output pixels
};

template <int Lanes, int Pixels, int Vectors>
SSEG_INLINE inline void correlate_tile(const CorrelateTile& a) {
  Vec<Lanes> sum[Pixels][Vectors];
  SSEG_UNROLL
  for (int p = 0; p < Pixels; ++p) SSEG_UNROLL
  for (int v = 0; v < Vectors; ++v) sum[p][v] = at<Lanes>(a.bias + v * Lanes).v;
  const float* w = a.w;
  const Index step = a.step, run = a.run;
  for (Index u = 0; u < a.rows; ++u) {
    const float* x = a.x + u * a.pitch;
    for (Index t = 0; t < run; ++t, ++x, w += Vectors * Lanes) {
      Vec<Lanes> weight[Vectors];
      SSEG_UNROLL
      for (int v = 0; v < Vectors; ++v) weight[v] = at<Lanes>(w + v * Lanes).v;
      SSEG_UNROLL
      for (int p = 0; p < Pixels; ++p) {
        const float value = x[p * step];
        SSEG_UNROLL
        for (int v = 0; v < Vectors; ++v) sum[p][v] += value * weight[v];
      }
    }
  }
  SSEG_UNROLL
  for (int p = 0; p < Pixels; ++p) SSEG_UNROLL
  for (int v = 0; v < Vectors; ++v) at<Lanes>(a.y + p * a.y_step + v * Lanes).v = sum[p][v];
}

template <int Lanes, int Pixels, int Vectors>
struct CorrelateTileBody {
  SSEG_INLINE void operator()(const CorrelateTile& a) const { correlate_tile<Lanes, Pixels, Vectors>(a); }
};

using CorrelateKernel = void (*)(const CorrelateTile&);

template <int Lanes, int Vectors, std::size_t... K>
constexpr std::array<CorrelateKernel, sizeof...(K)> correlate_table(std::index_sequence<K...>) {
  return {
      &Isa<Lanes>::template invoke<CorrelateTileBody<Lanes, TileCut<Lanes>::rows_of(K), Vectors>, CorrelateTile>...};
}
/// The kernel for `pixels` of a TileCut and 1 ≤ `vectors` ≤ tile_vectors.
template <int Lanes>
CorrelateKernel correlate_kernel(Index pixels, Index vectors) {
  using All = std::make_index_sequence<TileCut<Lanes>::kernels>;
  static constexpr auto one = correlate_table<Lanes, 1>(All{});
  static constexpr auto two = correlate_table<Lanes, 2>(All{});
  return (vectors == 1 ? one : two)[TileCut<Lanes>::kernel_of(pixels)];
}

}  // namespace sseg::cpu

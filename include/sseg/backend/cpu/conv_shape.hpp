#pragma once
#include <algorithm>

#include "sseg/backend/cpu/simd.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// Register tile of the convolution kernels: rows × `tile_vectors` vectors of accumulators, plus weights and one
/// broadcast: 14·2 + 3 of 32 registers (AVX-512, NEON), 6·2 + 3 of 16.
#if defined(__aarch64__)
inline constexpr int baseline_tile_rows = 14;
#else
inline constexpr int baseline_tile_rows = 6;
#endif
template <int Lanes>
inline constexpr int tile_rows = Lanes == 16  ? 14
                                 : Lanes == 4 ? baseline_tile_rows
                                              : 6;
inline constexpr int tile_vectors = 2;

constexpr Index ceil_div(Index a, Index b) { return (a + b - 1) / b; }

/// How `count` rows are cut into register tiles: as many full ones as there are, the rest in one or two of about the
/// same height. Where a full tile has 14 rows, there are no kernels for the heights between half of it and all of it,
/// which are no faster than two halves and would be a third of the code; but for 9 there is, a colour picture's
/// products in one row of the kernel.
template <int Lanes>
struct TileCut {
  static constexpr bool halves = tile_rows<Lanes> > 9;
  static constexpr Index full_rows = tile_rows<Lanes>, most_left = halves ? full_rows / 2 : full_rows, colour_rows = 9;
  Index full, left, left_tiles;

  constexpr explicit TileCut(Index count)
      : full(count / full_rows),
        left(count % full_rows),
        left_tiles(halves && left == colour_rows ? 1 : ceil_div(left, most_left)) {}
  constexpr Index count() const { return full + left_tiles; }
  constexpr Range tile(Index i) const {
    const Range all{i * full_rows, (i + 1) * full_rows};
    if (i < full) return all;
    const Range part = part_of(left, left_tiles, i - full);
    return {full * full_rows + part.begin, full * full_rows + part.end};
  }

  static constexpr std::size_t kernels = to_size(most_left) + (halves ? 2 : 0);
  /// Height of kernel `k`, and the kernel of a tile's height.
  static constexpr int rows_of(std::size_t k) {
    const auto rows = static_cast<int>(k) + 1;
    if (rows <= most_left) return rows;
    return static_cast<int>(rows == most_left + 1 ? colour_rows : full_rows);
  }
  static constexpr std::size_t kernel_of(Index rows) {
    if (rows <= most_left) return to_size(rows - 1);
    return to_size(rows == full_rows ? most_left + 1 : most_left);
  }
};

/// y[n,i,j,o] = bias[o] + Σ_{u,v,c} d[n, i·stride+u−pad, j·stride+v−pad, c] · w[u,v,c,o],  where d is the input with
/// `dilation`−1 zeros put between its rows and columns. Forward is this; backward-data is this on dy, with weights
/// turned round, dilation and stride swapped and pad kernel−1−pad, which may be negative (a crop).
struct Correlation {
  Index n, in_h, in_w, in_c;
  Index out_h, out_w, out_c;
  Index kernel, stride, pad, dilation;

  static constexpr Correlation forward(const ConvGeometry& g) {
    return {g.n, g.h, g.w, g.c, g.out_h(), g.out_w(), g.o, g.kernel, g.stride, g.pad, 1};
  }
  static constexpr Correlation backward_data(const ConvGeometry& g) {
    return {g.n, g.out_h(), g.out_w(), g.o, g.h, g.w, g.c, g.kernel, 1, g.kernel - 1 - g.pad, g.stride};
  }
  /// Products per output pixel in one kernel row: (v, c) lie side by side in a band.
  constexpr Index run() const { return kernel * in_c; }
};

/// How an image is cut into bands of output rows, so that a band's input rows, zero border included, and what is kept
/// with each output row (`kept` floats) stay in the L2. Bands begin at multiples of `align` rows.
struct BandPlan {
  static constexpr Index target_floats = 32 * 1024;
  Index align, bands, pitch, most_rows, floats;  ///< bands per image; floats per input row; of the largest band

  constexpr explicit BandPlan(const Correlation& s, Index kept = 0, Index align_to = 1)
      : align(align_to), bands(1), pitch(((s.out_w - 1) * s.stride + s.kernel) * s.in_c), most_rows(0), floats(0) {
    const Index each = std::max<Index>(1, s.stride * pitch + kept), first = (s.kernel - s.stride) * pitch;
    const Index rows = std::max<Index>(align, (target_floats - first) / each);
    bands = std::max<Index>({1, ceil_div(s.out_h, rows), ceil_div(wanted_bands(s), std::max<Index>(1, s.n))});
    bands = std::min(bands, std::max<Index>(1, ceil_div(s.out_h, align)));
    for (Index i = 0; i < bands; ++i) most_rows = std::max(most_rows, this->rows(s, i).size());
    floats = (std::max<Index>(most_rows, 1) - 1) * s.stride * pitch + s.kernel * pitch;
  }
  /// Bands of the whole batch that keep a team busy: few images of much work are cut finer than the caches ask.
  static constexpr Index wanted_bands(const Correlation& s) {
    constexpr Index least_products = 1024 * 1024, most = 8;
    return std::min(most, s.n * s.out_h * s.out_w * s.out_c * s.kernel * s.run() / least_products);
  }
  /// The output rows of one band.
  constexpr Range rows(const Correlation& s, Index band) const {
    const Range units = part_of(ceil_div(s.out_h, align), bands, band);
    return {units.begin * align, std::min(s.out_h, units.end * align)};
  }
};

/// Blocks of `tile_vectors`·Lanes output channels; the last has one vector only where that is enough.
template <int Lanes>
struct ChannelBlocks {
  static constexpr Index width = tile_vectors * Lanes;
  Index channels;

  constexpr Index count() const { return ceil_div(channels, width); }
  constexpr Index valid(Index block) const { return std::min(width, channels - block * width); }
  constexpr Index vectors(Index block) const { return ceil_div(valid(block), Lanes); }
  /// All blocks together, zero lanes included.
  constexpr Index padded() const { return (count() - 1) * width + vectors(count() - 1) * Lanes; }
};

}  // namespace sseg::cpu

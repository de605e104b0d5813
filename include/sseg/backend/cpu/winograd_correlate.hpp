#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_pack.hpp"
#include "sseg/backend/cpu/conv_tile.hpp"
#include "sseg/backend/cpu/winograd_tiles.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// How a correlation of 3×3, stride 1, without dilation runs by Winograd's algorithm: blocks of tiles, each
/// transformed, multiplied by U = G g Gᵀ position by position, and transformed back. Workspace in floats.
template <int M, int Lanes>
struct WinogradPlan {
  static constexpr Index positions = Winograd<M>::positions, most_pieces = 256;
  ChannelBlocks<Lanes> blocks;
  TileGrid<M> grid;
  Index together, items, pieces;
  Planes v, m;

  constexpr explicit WinogradPlan(const Correlation& s)
      : blocks{s.out_c},
        grid(s),
        together(tiles_together<M, Lanes>(s, positions * (s.in_c + blocks.padded()))),
        items(ceil_div(grid.count, together)),
        pieces(std::min(items, most_pieces)),
        v(together, s.in_c),
        m(together, blocks.padded()) {}

  constexpr Index packed(const Correlation& s) const { return packed_count<Lanes>(s); }
  constexpr Index u(const Correlation& s) const { return positions * s.in_c * blocks.padded(); }
  /// `kept`: the output's scratch for a tile.
  constexpr Index per_worker(const Correlation& s, Index kept) const {
    return v.floats(positions) + m.floats(positions) + positions * s.in_c + kept;
  }
  constexpr Index total(const Correlation& s, Index kept, int workers) const {
    return packed(s) + u(s) + blocks.padded() + blocks.width + workers * per_worker(s, kept);
  }
};

/// U of one block of output channels, from packed weights [tap][c][lanes]: U[ξ][c][lanes].
template <int M, int Lanes>
void filter_block(const Correlation& s, const float* packed, Index lanes, float* u) {
  constexpr int side = Winograd<M>::in;
  const Index plane = s.in_c * lanes;
  Isa<Lanes>::call([&]() SSEG_INLINE {
    for (Index k = 0; k < plane; k += Lanes)
      transform_2d<Lanes, 3, side>([](const auto& g, auto& to) SSEG_INLINE { Winograd<M>::filter(g, to); },
                                   [&](int i, int j, Vec<Lanes>& g)
                                       SSEG_INLINE { g = at<Lanes>(packed + (i * 3 + j) * plane + k).v; },
                                   [&](int i, int j, const Vec<Lanes>& value)
                                       SSEG_INLINE { at<Lanes>(u + (i * side + j) * plane + k).v = value; });
  });
}
/// U of all blocks.
template <int M, int Lanes>
void transform_filters(Threads& threads, const Correlation& s, const WinogradPlan<M, Lanes>& plan,
                       const WeightSource& weights, float* packed, float* u) {
  threads.run(plan.blocks.count(), [&](Index block) {
    weights.pack<Lanes>(s, block, packed);
    filter_block<M, Lanes>(s, packed + block * 9 * s.in_c * plan.blocks.width, plan.blocks.vectors(block) * Lanes,
                           u + block * plan.positions * s.in_c * plan.blocks.width);
  });
}

/// M[ξ] = V[ξ] · U[ξ] for all positions and blocks of channels.   V[ξ]:(tiles, in_c)  U[ξ]:(in_c, lanes)
template <int M, int Lanes>
void multiply_positions(const Correlation& s, const WinogradPlan<M, Lanes>& plan, Index tiles, const float* v,
                        const float* u, const float* zeros, float* m) {
  const TileCut<Lanes> parts(tiles);
  for (Index block = 0; block < plan.blocks.count(); ++block) {
    const Index vectors = plan.blocks.vectors(block), lanes = vectors * Lanes;
    const float* w = u + block * plan.positions * s.in_c * plan.blocks.width;
    for (Index xi = 0; xi < plan.positions; ++xi, w += s.in_c * lanes)
      for (Index q = 0; q < parts.count(); ++q) {
        const Range rows = parts.tile(q);
        correlate_kernel<Lanes>(rows.size(), vectors)(
            {v + xi * plan.v.plane + rows.begin * plan.v.width, 0, plan.v.width, w, 1, s.in_c, zeros,
             m + xi * plan.m.plane + rows.begin * plan.m.width + block * plan.blocks.width, plan.m.width});
      }
  }
}

/// As `correlate`, for kernel 3, stride and dilation 1, in_c and out_c ≥ Lanes, and outputs whose alignment divides M.
/// Rounding differs: see docs/decisions/0023.
template <int M, int Lanes>
Index winograd_correlate(Threads& threads, const Correlation& s, const float* x, const WeightSource& weights,
                         const float* bias, const ConvOutput& out, float* space) {
  if (s.n * s.out_h * s.out_w * s.out_c == 0) return 0;
  const WinogradPlan<M, Lanes> plan(s);
  const Index kept = out.scratch(M, M);
  float* packed = space;
  float* own = packed + plan.packed(s);
  float* zeros = own + plan.u(s);
  float* padded_bias = zeros + plan.blocks.width;
  float* scratch = padded_bias + plan.blocks.padded();
  std::fill_n(zeros, plan.blocks.width + plan.blocks.padded(), 0.f);
  if (bias) std::copy_n(bias, s.out_c, padded_bias);
  if (!weights.ready) transform_filters(threads, s, plan, weights, packed, own);
  const float* u = weights.ready ? weights.ready : own;

  threads.run(plan.pieces, [&](Index piece, int worker) {
    float* v = scratch + worker * plan.per_worker(s, kept);
    float* m = v + plan.v.floats(plan.positions);
    float* patch = m + plan.m.floats(plan.positions);
    float* tile_space = patch + plan.positions * s.in_c;
    auto mine = out.begin(piece);
    const Range items = part_of(plan.items, plan.pieces, piece);
    for (Index item = items.begin; item < items.end; ++item) {
      const Range tiles = part_of(plan.grid.count, plan.items, item);
      input_tiles<M, Lanes>(s, plan.grid, tiles, x, patch, plan.v, v);
      multiply_positions(s, plan, tiles.size(), v, u, zeros, m);
      for (Index t = 0; t < tiles.size(); ++t) {
        const TilePlace tile = tile_place(plan.grid, tiles.begin + t);
        const OutputPart part = out.place(tile.image, tile.row, tile.col, std::min<Index>(M, s.out_h - tile.row),
                                          std::min<Index>(M, s.out_w - tile.col), tile_space);
        output_tile<M, Lanes>(s, m + t * plan.m.width, plan.m.plane, padded_bias, part);
        out.done(mine, part);
      }
    }
    out.end(mine);
  });
  return plan.pieces;
}

}  // namespace sseg::cpu

#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_pack.hpp"
#include "sseg/backend/cpu/conv_tile.hpp"
#include "sseg/backend/cpu/winograd_tiles.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// How a correlation of 3×3, stride 1, without dilation runs by Winograd's algorithm: blocks of tiles, each
/// transformed, multiplied by U = G g Gᵀ position by position, and transformed back. Workspace in floats.
template <int M, int Lanes, class Output>
struct WinogradPlan {
  static constexpr Index positions = Winograd<M>::positions, most_pieces = 256;
  ChannelBlocks<Lanes> blocks;
  TileGrid<M> grid;
  Index together, items, pieces, kept;
  Planes v, m;

  constexpr WinogradPlan(const Correlation& s, const Output& out)
      : blocks{s.out_c},
        grid(s),
        together(tiles_together<M, Lanes>(s, positions * (s.in_c + blocks.padded()))),
        items(ceil_div(grid.count, together)),
        pieces(std::min(items, most_pieces)),
        kept(out.scratch(M, M)),
        v(together, s.in_c),
        m(together, blocks.padded()) {}

  constexpr Index packed(const Correlation& s) const { return packed_count<Lanes>(s); }
  constexpr Index u(const Correlation& s) const { return positions * s.in_c * blocks.padded(); }
  constexpr Index per_worker(const Correlation& s) const {
    return v.floats(positions) + m.floats(positions) + positions * s.in_c + kept;
  }
  constexpr Index total(const Correlation& s, int workers) const {
    return packed(s) + u(s) + blocks.padded() + blocks.width + workers * per_worker(s);
  }
};

/// U of one block of output channels for input channels `channels`, from packed weights [tap][c][lanes]:
/// U[ξ][c][lanes].
template <int M, int Lanes>
SSEG_INLINE inline void filter_block(const Correlation& s, const float* packed, Index lanes, Range channels, float* u) {
  constexpr int side = Winograd<M>::in;
  for (Index c = channels.begin; c < channels.end; ++c)
    for (Index k = c * lanes; k < (c + 1) * lanes; k += Lanes)
      transform_2d<Lanes, 3, side>([](const auto& g, auto& to) SSEG_INLINE { Winograd<M>::filter(g, to); },
                                   [&](auto i, auto j, Vec<Lanes>& g)
                                       SSEG_INLINE { g = at<Lanes>(packed + (i * 3 + j) * s.in_c * lanes + k).v; },
                                   [&](auto i, auto j, const Vec<Lanes>& value)
                                       SSEG_INLINE { at<Lanes>(u + (i * side + j) * s.in_c * lanes + k).v = value; });
}

/// M[ξ] = V[ξ] · U[ξ] for all positions and blocks of channels.   V[ξ]:(tiles, in_c)  U[ξ]:(in_c, lanes)
template <int M, int Lanes, class Output>
void multiply_positions(const Correlation& s, const WinogradPlan<M, Lanes, Output>& plan, Index tiles, const float* v,
                        const float* u, const float* zeros, float* m) {
  const Index parts = ceil_div(tiles, tile_rows<Lanes>);
  for (Index block = 0; block < plan.blocks.count(); ++block) {
    const Index vectors = plan.blocks.vectors(block), lanes = vectors * Lanes;
    const float* w = u + block * plan.positions * s.in_c * plan.blocks.width;
    for (Index xi = 0; xi < plan.positions; ++xi, w += s.in_c * lanes)
      for (Index q = 0; q < parts; ++q) {
        const Range rows = part_of(tiles, parts, q);
        correlate_kernel<Lanes>(rows.size(), vectors)(
            {v + xi * plan.v.plane + rows.begin * plan.v.width, 0, plan.v.width, w, 1, s.in_c, zeros,
             m + xi * plan.m.plane + rows.begin * plan.m.width + block * plan.blocks.width, plan.m.width});
      }
  }
}

/// One block of tiles: transformed, multiplied, transformed back and handed to the output.
template <int M, int Lanes, class Output>
void winograd_block(const Correlation& s, const WinogradPlan<M, Lanes, Output>& plan, Range tiles, const float* x,
                    const float* u, const float* zeros, const float* bias, const Output& out,
                    typename Output::Piece& mine, float* scratch) {
  float* v = scratch;
  float* m = v + plan.v.floats(plan.positions);
  float* patch = m + plan.m.floats(plan.positions);
  float* kept = patch + plan.positions * s.in_c;
  Isa<Lanes>::call([&]() SSEG_INLINE {
    for (Index t = 0; t < tiles.size(); ++t)
      input_tile<M, Lanes>(s, x, tile_place(plan.grid, tiles.begin + t), patch, v + t * plan.v.width, plan.v.plane);
  });
  multiply_positions<M, Lanes>(s, plan, tiles.size(), v, u, zeros, m);
  Isa<Lanes>::call([&]() SSEG_INLINE {
    for (Index t = 0; t < tiles.size(); ++t) {
      const TilePlace tile = tile_place(plan.grid, tiles.begin + t);
      const OutputPart part = out.place(tile.image, tile.row, tile.col, std::min<Index>(M, s.out_h - tile.row),
                                        std::min<Index>(M, s.out_w - tile.col), kept);
      output_tile<M, Lanes>(s, m + t * plan.m.width, plan.m.plane, bias, part);
      mine.template done<Lanes>(part);
    }
  });
}

/// As `correlate`, for kernel 3, stride and dilation 1, and outputs aligned to 1 or M. Rounding differs: see
/// docs/decisions/0023.
template <int M, int Lanes, class Output, class Pack>
Index winograd_correlate(Threads& threads, const Correlation& s, const float* x, const float* bias, const Output& out,
                         float* space, Pack&& pack) {
  if (s.n * s.out_h * s.out_w * s.out_c == 0) return 0;
  const WinogradPlan<M, Lanes, Output> plan(s, out);
  float* packed = space;
  float* u = packed + plan.packed(s);
  float* zeros = u + plan.u(s);
  float* padded_bias = zeros + plan.blocks.width;
  float* scratch = padded_bias + plan.blocks.padded();
  std::fill_n(zeros, plan.blocks.width + plan.blocks.padded(), 0.f);
  if (bias) std::copy_n(bias, s.out_c, padded_bias);

  threads.run(plan.blocks.count(), [&](Index block) {
    pack(block, packed);
    const Index lanes = plan.blocks.vectors(block) * Lanes;
    Isa<Lanes>::call([&]() SSEG_INLINE {
      filter_block<M, Lanes>(s, packed + block * 9 * s.in_c * plan.blocks.width, lanes, {0, s.in_c},
                             u + block * plan.positions * s.in_c * plan.blocks.width);
    });
  });
  threads.run(plan.pieces, [&](Index piece, int worker) {
    auto mine = out.piece(piece);
    const Range items = part_of(plan.items, plan.pieces, piece);
    for (Index item = items.begin; item < items.end; ++item)
      winograd_block<M, Lanes>(s, plan, part_of(plan.grid.count, plan.items, item), x, u, zeros, padded_bias, out, mine,
                               scratch + worker * plan.per_worker(s));
    mine.finish();
  });
  return plan.pieces;
}

}  // namespace sseg::cpu

#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_weights_tile.hpp"
#include "sseg/backend/cpu/winograd_tiles.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// How the weight gradient runs by the adjoint of Winograd's algorithm,  dg = Gᵀ[ Σ_tiles (A dY Aᵀ) ⊙ (Bᵀ d B) ]G:
/// `chunks` of tiles, each with its own sums, times `groups` of channel blocks. From the shapes alone. Workspace in
/// floats.
template <int M, int Lanes>
struct WinogradWeightsPlan {
  static constexpr Index positions = Winograd<M>::positions;
  static constexpr Index partial_floats = 2560 * 1024, most_chunks = 8, least_pieces = 8;
  ChannelBlocks<Lanes> blocks;
  TileGrid<M> grid;
  Index partial, chunks, groups, group_width, together;
  Planes v, m;

  constexpr explicit WinogradWeightsPlan(const Correlation& s)
      : blocks{s.out_c},
        grid(s),
        partial(positions * s.in_c * blocks.padded()),
        chunks(std::clamp<Index>(
            std::min(partial_floats / std::max<Index>(1, partial), ceil_div(grid.count, 2 * tile_rows<Lanes>)), 1,
            most_chunks)),
        groups(std::min(blocks.count(), ceil_div(least_pieces, chunks))),
        group_width(ceil_div(blocks.count(), groups) * blocks.width),
        together(std::min(tiles_for(partial), ceil_div(grid.count, chunks))),
        v(together, s.in_c),
        m(together, Lanes + group_width) {}

  constexpr Index per_worker(const Correlation& s) const {
    return v.floats(positions) + m.floats(positions) + positions * s.in_c;
  }
  constexpr Index total(const Correlation& s, int workers) const { return chunks * partial + workers * per_worker(s); }

 private:
  /// More tiles at once where the sums, which every block of tiles reads and writes, do not fit the L2.
  static constexpr Index tiles_for(Index sums) { return (sums > 256 * 1024 ? 8 : 4) * tile_rows<Lanes>; }
};

/// sums[block][ξ][c][lanes] += V[ξ]ᵀ · M[ξ] over `tiles` tiles, for blocks `mine`.
template <int M, int Lanes>
void multiply_adjoint(const Correlation& s, const WinogradWeightsPlan<M, Lanes>& plan, Index tiles, Range mine,
                      const float* v, const float* m, float* sums) {
  const TileCut<Lanes> parts(s.in_c);
  for (Index block = mine.begin; block < mine.end; ++block) {
    const Index vectors = plan.blocks.vectors(block), lanes = vectors * Lanes;
    float* dw = sums + block * plan.positions * s.in_c * plan.blocks.width;
    for (Index xi = 0; xi < plan.positions; ++xi, dw += s.in_c * lanes)
      for (Index q = 0; q < parts.count(); ++q) {
        const Range rows = parts.tile(q);
        weights_kernel<Lanes>(rows.size(),
                              vectors)({v + xi * plan.v.plane + rows.begin, 0, plan.v.width,
                                        m + xi * plan.m.plane + Lanes + (block - mine.begin) * plan.blocks.width, 0,
                                        plan.m.width, 1, tiles, dw + rows.begin * lanes});
      }
  }
}

/// dw[:, :, c, :] += Gᵀ (Σ chunks) G.
template <int M, int Lanes>
SSEG_INLINE inline void filter_adjoint_row(const Correlation& s, const WinogradWeightsPlan<M, Lanes>& plan,
                                           const float* sums, Index c, float* dw) {
  constexpr int side = Winograd<M>::in;
  for (Index block = 0; block < plan.blocks.count(); ++block) {
    const Index lanes = plan.blocks.vectors(block) * Lanes;
    const float* from = sums + block * plan.positions * s.in_c * plan.blocks.width + c * lanes;
    float* to = dw + c * s.out_c + block * plan.blocks.width;
    for (Index k = 0; k < lanes; k += Lanes) {
      float g[9 * Lanes];
      transform_2d<Lanes, side, 3>([](const auto& u, auto& out) SSEG_INLINE { Winograd<M>::filter_adjoint(u, out); },
                                   [&](int i, int j, Vec<Lanes>& sum) SSEG_INLINE {
                                     const float* part = from + (i * side + j) * s.in_c * lanes + k;
                                     sum = at<Lanes>(part).v;
                                     for (Index chunk = 1; chunk < plan.chunks; ++chunk)
                                       sum += at<Lanes>(part + chunk * plan.partial).v;
                                   },
                                   [&](int i, int j, const Vec<Lanes>& value)
                                       SSEG_INLINE { at<Lanes>(g + (i * 3 + j) * Lanes).v = value; });
      const Index valid = std::min<Index>(Lanes, plan.blocks.valid(block) - k);
      for (Index tap = 0; tap < 9; ++tap)
        for (Index i = 0; i < valid; ++i) to[tap * s.in_c * s.out_c + k + i] += g[tap * Lanes + i];
    }
  }
}

/// As `correlate_weights`, for kernel 3, stride and dilation 1, in_c and out_c ≥ Lanes.
template <int M, int Lanes>
void winograd_weights(Threads& threads, const Correlation& s, const float* x, const float* dy, float* dw,
                      float* space) {
  if (s.n * s.out_h * s.out_w * s.out_c * s.in_c == 0) return;
  const WinogradWeightsPlan<M, Lanes> plan(s);
  float* partial = space;
  float* scratch = partial + plan.chunks * plan.partial;
  threads.run(plan.chunks * plan.groups, [&](Index piece, int worker) {
    const Range mine = part_of(plan.blocks.count(), plan.groups, piece % plan.groups);
    const Range chunk = part_of(plan.grid.count, plan.chunks, piece / plan.groups);
    const Range channels{mine.begin * plan.blocks.width, std::min(s.out_c, mine.end * plan.blocks.width)};
    float* sums = partial + piece / plan.groups * plan.partial;
    float* v = scratch + worker * plan.per_worker(s);
    float* m = v + plan.v.floats(plan.positions);
    float* patch = m + plan.m.floats(plan.positions);
    std::fill_n(m, plan.m.floats(plan.positions), 0.f);  // the lanes beyond the last channel stay 0
    for (Index block = mine.begin; block < mine.end; ++block)
      std::fill_n(sums + block * plan.positions * s.in_c * plan.blocks.width,
                  plan.positions * s.in_c * plan.blocks.vectors(block) * Lanes, 0.f);
    const Index steps = ceil_div(chunk.size(), plan.together);
    for (Index step = 0; step < steps; ++step) {
      const Range part = part_of(chunk.size(), steps, step);
      const Index tiles = part.size();
      const Range these{chunk.begin + part.begin, chunk.begin + part.end};
      input_tiles<M, Lanes>(s, plan.grid, these, x, patch, plan.v, v);
      Isa<Lanes>::call([&]() SSEG_INLINE {
        for (Index t = 0; t < tiles; ++t)
          output_tile_adjoint<M, Lanes>(s, dy, tile_place(plan.grid, these.begin + t), channels,
                                        m + t * plan.m.width + Lanes, plan.m.plane);
      });
      multiply_adjoint<M, Lanes>(s, plan, tiles, mine, v, m, sums);
    }
  });
  const Index pieces = std::min<Index>(s.in_c, 32);
  threads.run(pieces, [&](Index piece) {
    const Range rows = part_of(s.in_c, pieces, piece);
    Isa<Lanes>::call([&]() SSEG_INLINE {
      for (Index c = rows.begin; c < rows.end; ++c) filter_adjoint_row<M, Lanes>(s, plan, partial, c, dw);
    });
  });
}

}  // namespace sseg::cpu

#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_tile.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// How a product is cut, from its sizes alone: `down` × `across` pieces of C, and steps of `depth` in k. The register
/// tile is the convolution's: op(A)'s rows are the pixels, op(B) is packed as its weights are.
template <int Lanes>
struct GemmPlan {
  static constexpr Index depth = 512, most_rows = 4 * tile_rows<Lanes>, least_pieces = 16;
  ChannelBlocks<Lanes> blocks;
  Index down, across, steps;

  constexpr explicit GemmPlan(const Gemm<float>& a)
      : blocks{a.n},
        down(std::max<Index>(1, ceil_div(a.m, most_rows))),
        across(std::clamp<Index>(ceil_div(least_pieces, down), 1, std::max<Index>(1, blocks.count()))),
        steps(std::max<Index>(1, ceil_div(a.k, depth))) {}
  constexpr Index packed(const Gemm<float>& a) const { return a.n > 0 ? a.k * blocks.padded() : 0; }
  constexpr Index rows_space(const Gemm<float>& a) const {
    return a.a_transposed ? most_rows * std::min(a.k, depth) : 0;
  }
  static constexpr Index tile() { return tile_rows<Lanes> * blocks_width; }
  constexpr Index per_worker(const Gemm<float>& a) const { return (rows_space(a) + tile() + 15) / 16 * 16; }
  /// Workspace in floats.
  constexpr Index total(const Gemm<float>& a, int workers) const {
    return packed(a) + blocks_width + workers * per_worker(a);
  }

 private:
  static constexpr Index blocks_width = ChannelBlocks<Lanes>::width;
};

/// Rows k of block `block` of op(B):(k,n), zeros in the lanes beyond n: [k][lanes].
template <int Lanes>
void pack_columns(const Gemm<float>& a, Index block, float* packed) {
  const ChannelBlocks<Lanes> blocks{a.n};
  const Index lanes = blocks.vectors(block) * Lanes, valid = blocks.valid(block), first = block * blocks.width;
  packed += block * a.k * blocks.width;
  for (Index p = 0; p < a.k; ++p, packed += lanes) {
    if (a.b_transposed)
      for (Index j = 0; j < valid; ++j) packed[j] = a.b[(first + j) * a.k + p];
    else
      std::copy_n(a.b + p * a.n + first, valid, packed);
    std::fill_n(packed + valid, lanes - valid, 0.f);
  }
}

/// C[rows, block] = alpha·tile, or += alpha·tile.   tile:(rows, lanes)
template <int Lanes>
SSEG_INLINE inline void store_product(const Gemm<float>& a, bool add, const float* tile, Index lanes, Range rows,
                                      Index first, Index valid) {
  for (Index i = rows.begin; i < rows.end; ++i, tile += lanes) {
    float* c = a.c + i * a.n + first;
    over_lanes<Lanes>(valid, [&]<int width>(Index j) SSEG_INLINE {
      const Vec<width> product = a.alpha * at<width>(tile + j).v;
      at<width>(c + j).v = add ? at<width>(c + j).v + product : product;
    });
  }
}

/// Step `depth` of one piece: rows `rows` of C, blocks `mine`.  `left` is op(A) at (rows.begin, depth.begin), its rows
/// `left_step` floats apart.
template <int Lanes>
void gemm_step(const Gemm<float>& a, Range rows, Range mine, Range depth, const float* left, Index left_step,
               const float* packed, const float* zeros, float* tile) {
  const ChannelBlocks<Lanes> blocks{a.n};
  const bool add = a.accumulate || depth.begin > 0;
  const TileCut<Lanes> tiles(rows.size());
  for (Index block = mine.begin; block < mine.end; ++block) {
    const Index vectors = blocks.vectors(block), lanes = vectors * Lanes;
    const float* w = packed + block * a.k * blocks.width + depth.begin * lanes;
    for (Index q = 0; q < tiles.count(); ++q) {
      const Range part = tiles.tile(q);
      correlate_kernel<Lanes>(
          part.size(), vectors)({left + part.begin * left_step, 0, left_step, w, 1, depth.size(), zeros, tile, lanes});
      Isa<Lanes>::call([&]() SSEG_INLINE {
        store_product<Lanes>(a, add, tile, lanes, {rows.begin + part.begin, rows.begin + part.end},
                             block * blocks.width, blocks.valid(block));
      });
    }
  }
}

/// C = alpha · op(A) · op(B) (+ C). `space` holds GemmPlan::total floats.
template <int Lanes>
void gemm(Threads& threads, const Gemm<float>& a, float* space) {
  if (a.m * a.n == 0) return;
  const GemmPlan<Lanes> plan(a);
  float* packed = space;
  float* zeros = packed + plan.packed(a);
  float* scratch = zeros + ChannelBlocks<Lanes>::width;
  std::fill_n(zeros, ChannelBlocks<Lanes>::width, 0.f);
  threads.run(plan.blocks.count(), [&](Index block) { pack_columns<Lanes>(a, block, packed); });
  threads.run(plan.down * plan.across, [&](Index piece, int worker) {
    float* tile = scratch + worker * plan.per_worker(a);
    float* turned = tile + plan.tile();
    const Range rows = part_of(a.m, plan.down, piece / plan.across);
    const Range mine = part_of(plan.blocks.count(), plan.across, piece % plan.across);
    for (Index step = 0; step < plan.steps; ++step) {
      const Range depth = part_of(a.k, plan.steps, step);
      const float* left = a.a + rows.begin * a.k + depth.begin;
      if (a.a_transposed) {
        for (Index p = depth.begin; p < depth.end; ++p)
          for (Index i = 0; i < rows.size(); ++i)
            turned[i * depth.size() + p - depth.begin] = a.a[p * a.m + rows.begin + i];
        left = turned;
      }
      gemm_step<Lanes>(a, rows, mine, depth, left, a.a_transposed ? depth.size() : a.k, packed, zeros, tile);
    }
  });
}

}  // namespace sseg::cpu

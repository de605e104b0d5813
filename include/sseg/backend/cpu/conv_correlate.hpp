#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_band.hpp"
#include "sseg/backend/cpu/conv_pack.hpp"
#include "sseg/backend/cpu/conv_tile.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// Workspace of `correlate`, in floats.
template <int Lanes>
struct CorrelateSpace {
  Index packed, bias, band, tile;
  constexpr explicit CorrelateSpace(const Correlation& s)
      : packed(packed_count<Lanes>(s)),
        bias(ChannelBlocks<Lanes>{s.out_c}.padded()),
        band(BandPlan(s).floats),
        tile(tile_rows<Lanes> * tile_vectors * Lanes) {}
  constexpr Index per_worker() const { return (band + tile + 15) / 16 * 16; }
  constexpr Index total(int workers) const { return packed + bias + workers * per_worker(); }
};

/// Output rows of one band, one block of channels.
template <int Lanes>
void correlate_block(const Correlation& s, const BandPlan& plan, const float* band, Index height, const float* packed,
                     const float* bias, Index block, float* y, float* tile) {
  const ChannelBlocks<Lanes> blocks{s.out_c};
  const Index vectors = blocks.vectors(block), lanes = vectors * Lanes, valid = blocks.valid(block);
  const Index tiles = ceil_div(s.out_w, tile_rows<Lanes>);
  CorrelateTile a{};
  a.pitch = plan.pitch;
  a.step = s.stride * s.in_c;
  a.w = packed + block * s.kernel * s.run() * blocks.width;
  a.rows = s.kernel;
  a.run = s.run();
  a.bias = bias + block * blocks.width;
  for (Index i = 0; i < height; ++i)
    for (Index q = 0; q < tiles; ++q) {
      const Range pixels = part_of(s.out_w, tiles, q);
      float* out = y + (i * s.out_w + pixels.begin) * s.out_c + block * blocks.width;
      a.x = band + i * s.stride * plan.pitch + pixels.begin * a.step;
      a.y = valid == lanes ? out : tile;
      a.y_step = valid == lanes ? s.out_c : lanes;
      correlate_kernel<Lanes>(pixels.size(), vectors)(a);
      if (valid != lanes)
        for (Index p = 0; p < pixels.size(); ++p) std::copy_n(tile + p * lanes, valid, out + p * s.out_c);
    }
}

/// Runs a correlation; `pack(block, packed)` packs one block of weights, `bias` may be null.
template <int Lanes, class Pack>
void correlate(Threads& threads, const Correlation& s, const float* x, const float* bias, float* y, float* space,
               Pack&& pack) {
  if (s.n * s.out_h * s.out_w * s.out_c == 0) return;
  const ChannelBlocks<Lanes> blocks{s.out_c};
  const BandPlan plan(s);
  const CorrelateSpace<Lanes> sizes(s);
  float* packed = space;
  float* packed_bias = packed + sizes.packed;
  float* scratch = packed_bias + sizes.bias;
  std::fill_n(packed_bias, sizes.bias, 0.f);
  if (bias) std::copy_n(bias, s.out_c, packed_bias);
  threads.run(blocks.count(), [&](Index block) { pack(block, packed); });

  const Index items = s.n * plan.bands, pieces = std::min<Index>(items, 256);
  threads.run(pieces, [&](Index piece, int worker) {
    float* band = scratch + worker * sizes.per_worker();
    float* tile = band + sizes.band;
    const Range mine = part_of(items, pieces, piece);
    for (Index item = mine.begin; item < mine.end; ++item) {
      const Index image = item / plan.bands;
      const Range rows = part_of(s.out_h, plan.bands, item % plan.bands);
      copy_band(s, plan, x + image * s.in_h * s.in_w * s.in_c, rows, band);
      float* out = y + (image * s.out_h + rows.begin) * s.out_w * s.out_c;
      for (Index block = 0; block < blocks.count(); ++block)
        correlate_block<Lanes>(s, plan, band, rows.size(), packed, packed_bias, block, out, tile);
    }
  });
}

}  // namespace sseg::cpu

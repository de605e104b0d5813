#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_band.hpp"
#include "sseg/backend/cpu/conv_output.hpp"
#include "sseg/backend/cpu/conv_pack.hpp"
#include "sseg/backend/cpu/conv_tile.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// How a correlation runs directly, with what becomes of its output (conv_output.hpp). Workspace in floats.
template <int Lanes>
struct CorrelatePlan {
  static constexpr Index most_pieces = 256;
  BandPlan bands;
  Index items, pieces, packed, bias, tile, kept;

  CorrelatePlan(const Correlation& s, const ConvOutput& out)
      : bands(s, out.scratch(1, s.out_w), out.align()),
        items(s.n * bands.bands),
        pieces(std::min(items, most_pieces)),
        packed(packed_count<Lanes>(s)),
        bias(ChannelBlocks<Lanes>{s.out_c}.padded()),
        tile(tile_rows<Lanes> * tile_vectors * Lanes),
        kept(out.scratch(bands.most_rows, s.out_w)) {}
  Index per_worker() const { return (bands.floats + tile + kept + 15) / 16 * 16; }
  Index total(int workers) const { return packed + bias + workers * per_worker(); }
};

/// Output rows of one band, one block of channels.
template <int Lanes>
void correlate_block(const Correlation& s, const BandPlan& plan, const float* band, Index height, const float* packed,
                     const float* bias, Index block, float* y, float* tile) {
  const ChannelBlocks<Lanes> blocks{s.out_c};
  const Index vectors = blocks.vectors(block), lanes = vectors * Lanes, valid = blocks.valid(block);
  const TileCut<Lanes> tiles(s.out_w);
  CorrelateTile a{};
  a.pitch = plan.pitch;
  a.step = s.stride * s.in_c;
  a.w = packed + block * s.kernel * s.run() * blocks.width;
  a.rows = s.kernel;
  a.run = s.run();
  a.bias = bias + block * blocks.width;
  for (Index i = 0; i < height; ++i)
    for (Index q = 0; q < tiles.count(); ++q) {
      const Range pixels = tiles.tile(q);
      float* out = y + (i * s.out_w + pixels.begin) * s.out_c + block * blocks.width;
      a.x = band + i * s.stride * plan.pitch + pixels.begin * a.step;
      a.y = valid == lanes ? out : tile;
      a.y_step = valid == lanes ? s.out_c : lanes;
      correlate_kernel<Lanes>(pixels.size(), vectors)(a);
      if (valid != lanes)
        for (Index p = 0; p < pixels.size(); ++p) std::copy_n(tile + p * lanes, valid, out + p * s.out_c);
    }
}

/// Runs a correlation; `bias` may be null.
/// Returns the number of the output's pieces.
template <int Lanes>
Index correlate(Threads& threads, const Correlation& s, const float* x, const WeightSource& weights, const float* bias,
                const ConvOutput& out, float* space) {
  if (s.n * s.out_h * s.out_w * s.out_c == 0) return 0;
  const ChannelBlocks<Lanes> blocks{s.out_c};
  const CorrelatePlan<Lanes> plan(s, out);
  float* own = space;
  float* packed_bias = own + plan.packed;
  float* scratch = packed_bias + plan.bias;
  std::fill_n(packed_bias, plan.bias, 0.f);
  if (bias) std::copy_n(bias, s.out_c, packed_bias);
  if (!weights.ready) threads.run(blocks.count(), [&](Index block) { weights.pack<Lanes>(s, block, own); });
  const float* packed = weights.ready ? weights.ready : own;

  threads.run(plan.pieces, [&](Index piece, int worker) {
    float* band = scratch + worker * plan.per_worker();
    float* tile = band + plan.bands.floats;
    float* kept = tile + plan.tile;
    auto mine = out.begin(piece);
    const Range items = part_of(plan.items, plan.pieces, piece);
    for (Index item = items.begin; item < items.end; ++item) {
      const Index image = item / plan.bands.bands;
      const Range rows = plan.bands.rows(s, item % plan.bands.bands);
      copy_band(s, plan.bands, x + image * s.in_h * s.in_w * s.in_c, rows, band);
      const OutputPart part = out.place(image, rows.begin, 0, rows.size(), s.out_w, kept);
      for (Index block = 0; block < blocks.count(); ++block)
        correlate_block<Lanes>(s, plan.bands, band, rows.size(), packed, packed_bias, block, part.at, tile);
      out.done(mine, part);
    }
    out.end(mine);
  });
  return plan.pieces;
}

}  // namespace sseg::cpu

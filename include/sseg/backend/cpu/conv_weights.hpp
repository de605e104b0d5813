#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_band.hpp"
#include "sseg/backend/cpu/conv_gradient.hpp"
#include "sseg/backend/cpu/conv_weights_tile.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// How the weight gradient is cut, from the shapes alone: `chunks` of bands,
/// each with its own partial sums, times `groups` of channel blocks. Partial
/// sums take at most `partial_floats`, or one copy of the weights.
template <int Lanes>
struct WeightsPlan {
  static constexpr Index partial_floats = 1024 * 1024, most_chunks = 32, most_together = 8;
  BandPlan bands;
  Index together;  ///< small images: so many in one visit of the sums
  Index items, packed, chunks, groups, dy_floats, kept;

  WeightsPlan(const Correlation& s, const ConvGradient& dy)
      : bands(s, dy.scratch(1), dy.align()),
        together(images_together(s, dy)),
        items(s.n * bands.bands),
        packed(s.kernel * s.run() * ChannelBlocks<Lanes>{s.out_c}.padded()) {
    const ChannelBlocks<Lanes> blocks{s.out_c};
    chunks = std::max<Index>(1, std::min({partial_floats / std::max<Index>(packed, 1), items, most_chunks}));
    groups = std::min(blocks.count(), ceil_div(most_chunks, chunks));
    dy_floats = s.out_c % Lanes == 0 ? 0 : together * bands.most_rows * s.out_w * blocks.width;
    kept = together * dy.scratch(bands.most_rows);
  }
  Index per_worker() const { return (together * bands.floats + dy_floats + kept + 15) / 16 * 16; }
  Index total(int workers) const { return chunks * packed + workers * per_worker(); }

 private:
  /// As many whole images as fit a band's share of the L2 with their gradient.
  Index images_together(const Correlation& s, const ConvGradient& dy) const {
    if (bands.bands > 1) return 1;
    const Index each = bands.floats + std::max(dy.scratch(s.out_h), s.out_h * s.out_w * s.out_c);
    return std::clamp<Index>(BandPlan::target_floats / std::max<Index>(1, each), 1, most_together);
  }
};

/// Adds the products of one band, or of `images` images, to the partial sums of
/// block `block`.
template <int Lanes>
void weights_block(const Correlation& s, const BandPlan& plan, Index images, const float* band, const float* dy,
                   Index height, Index block, float* partial, float* dy_space) {
  const ChannelBlocks<Lanes> blocks{s.out_c};
  const Index vectors = blocks.vectors(block), lanes = vectors * Lanes, valid = blocks.valid(block);
  const TileCut<Lanes> tiles(s.run());
  WeightsTile a{};
  a.x_row = s.stride * plan.pitch;
  a.x_step = s.stride * s.in_c;
  a.dy = dy + block * blocks.width;
  a.dy_step = s.out_c;
  if (valid != lanes) {
    for (Index p = 0; p < images * height * s.out_w; ++p) {
      std::copy_n(a.dy + p * s.out_c, valid, dy_space + p * lanes);
      std::fill_n(dy_space + p * lanes + valid, lanes - valid, 0.f);
    }
    a.dy = dy_space;
    a.dy_step = lanes;
  }
  a.dy_row = s.out_w * a.dy_step;
  a.height = height;
  a.width = s.out_w;
  a.images = images;
  a.x_image = plan.floats;
  for (Index u = 0; u < s.kernel; ++u)
    for (Index q = 0; q < tiles.count(); ++q) {
      const Range rows = tiles.tile(q);
      a.x = band + u * plan.pitch + rows.begin;
      a.dw = partial + (u * s.run() + rows.begin) * lanes;
      weights_kernel<Lanes>(rows.size(), vectors)(a);
    }
}

/// dw[rows] += Σ partial sums, chunk by chunk.
template <int Lanes, class Plan>
SSEG_INLINE inline void add_partial_sums(const Correlation& s, const Plan& plan, const float* partial, Range mine,
                                         float* dw) {
  const ChannelBlocks<Lanes> blocks{s.out_c};
  const Index rows = s.kernel * s.run();
  for (Index block = 0; block < blocks.count(); ++block) {
    const Index lanes = blocks.vectors(block) * Lanes, valid = blocks.valid(block);
    for (Index r = mine.begin; r < mine.end; ++r) {
      const float* from = partial + block * rows * blocks.width + r * lanes;
      float* to = dw + r * s.out_c + block * blocks.width;
      over_lanes<Lanes>(valid, [&]<int width>(Index first) SSEG_INLINE {
        Vec<width> sum{};
        for (Index chunk = 0; chunk < plan.chunks; ++chunk) sum += at<width>(from + chunk * plan.packed + first).v;
        at<width>(to + first).v += sum;
      });
    }
  }
}

/// dw += Σ over images and pixels; partial sums per chunk of bands, added in
/// chunk order.
template <int Lanes>
void correlate_weights(Threads& threads, const Correlation& s, const float* x, const ConvGradient& dy, float* dw,
                       float* space) {
  if (s.n * s.out_h * s.out_w * s.out_c * s.in_c == 0) return;
  const ChannelBlocks<Lanes> blocks{s.out_c};
  const WeightsPlan<Lanes> plan(s, dy);
  const Index rows = s.kernel * s.run(), bands = plan.bands.bands;
  float* partial = space;
  float* scratch = partial + plan.chunks * plan.packed;
  threads.run(plan.chunks * plan.groups, [&](Index from_last, int worker) {
    const Index piece = plan.chunks * plan.groups - 1 - from_last;  // dy's end was written last: it is in the caches
    const Index chunk = piece / plan.groups;
    const Range group = part_of(blocks.count(), plan.groups, piece % plan.groups);
    float* band = scratch + worker * plan.per_worker();
    float* padded_dy = band + plan.together * plan.bands.floats;
    float* kept = padded_dy + plan.dy_floats;
    float* mine = partial + chunk * plan.packed;
    for (Index block = group.begin; block < group.end; ++block)
      std::fill_n(mine + block * rows * blocks.width, rows * blocks.vectors(block) * Lanes, 0.f);
    const Range items = part_of(plan.items, plan.chunks, chunk);
    for (Index item = items.begin; item < items.end; item += plan.together) {
      const Range images{item / bands, item / bands + std::min(plan.together, items.end - item)};
      const Range out = plan.bands.rows(s, item % bands);
      for (Index i = images.begin; i < images.end; ++i)
        copy_band(s, plan.bands, x + i * s.in_h * s.in_w * s.in_c, out, band + (i - images.begin) * plan.bands.floats);
      const float* g = dy.rows(images, out, kept);
      for (Index block = group.begin; block < group.end; ++block)
        weights_block<Lanes>(s, plan.bands, images.size(), band, g, out.size(), block,
                             mine + block * rows * blocks.width, padded_dy);
    }
  });
  const Index pieces = std::min<Index>(rows, 32);
  threads.run(pieces, [&](Index piece) {
    const Range mine = part_of(rows, pieces, piece);
    Isa<Lanes>::call([&]() SSEG_INLINE { add_partial_sums<Lanes>(s, plan, partial, mine, dw); });
  });
}

}  // namespace sseg::cpu

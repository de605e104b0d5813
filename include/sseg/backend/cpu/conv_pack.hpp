#pragma once
#include <algorithm>

#include "sseg/backend/cpu/conv_shape.hpp"

namespace sseg::cpu {

/// Floats of packed weights: [block][u][v][c][lanes of the block], zeros in the lanes beyond the last channel.
template <int Lanes>
constexpr Index packed_count(const Correlation& s) {
  return s.kernel * s.run() * ChannelBlocks<Lanes>{s.out_c}.padded();
}

/// Packs block `block` of w[u,v,c,o] (HWIO) for the forward pass.
template <int Lanes>
void pack_forward(const Correlation& s, const float* w, Index block, float* packed) {
  const ChannelBlocks<Lanes> blocks{s.out_c};
  const Index rows = s.kernel * s.run(), lanes = blocks.vectors(block) * Lanes, valid = blocks.valid(block);
  packed += block * rows * blocks.width;
  w += block * blocks.width;
  for (Index r = 0; r < rows; ++r, packed += lanes, w += s.out_c) {
    std::copy_n(w, valid, packed);
    std::fill_n(packed + valid, lanes - valid, 0.f);
  }
}

/// Packs block `block` of the weights turned round, w'[u,v,o,c] = w[k−1−u, k−1−v, c, o], for backward-data. In `s`,
/// in_c counts the o and out_c the c.
template <int Lanes>
void pack_backward(const Correlation& s, const float* w, Index block, float* packed) {
  const ChannelBlocks<Lanes> blocks{s.out_c};
  const Index taps = s.kernel * s.kernel, lanes = blocks.vectors(block) * Lanes, valid = blocks.valid(block);
  packed += block * taps * s.in_c * blocks.width;
  for (Index tap = 0; tap < taps; ++tap, packed += s.in_c * lanes) {
    const float* from = w + ((taps - 1 - tap) * s.out_c + block * blocks.width) * s.in_c;
    for (Index o = 0; o < s.in_c; ++o) {
      for (Index c = 0; c < valid; ++c) packed[o * lanes + c] = from[c * s.in_c + o];
      std::fill_n(packed + o * lanes + valid, lanes - valid, 0.f);
    }
  }
}

/// The weights of a correlation: w[u,v,c,o] (HWIO) as they are, or turned round for backward-data.
struct WeightSource {
  const float* w;
  bool turned;
  const float* ready = nullptr;  ///< not null: in the form that the chosen way reads

  template <int Lanes>
  void pack(const Correlation& s, Index block, float* packed) const {
    if (turned)
      pack_backward<Lanes>(s, w, block, packed);
    else
      pack_forward<Lanes>(s, w, block, packed);
  }
};

}  // namespace sseg::cpu

#pragma once
#include <map>
#include <string>
#include <vector>

#include "sseg/core/buffer.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/net/evolvable_cnn.hpp"

/// The nets and inputs that benchmarks/peers compares on; torch_peer.py has the same.
namespace bench {

using sseg::Index;

/// Channels of four blocks [conv 3×3, batch norm, ReLU, max pool 2].
inline const std::map<std::string, std::vector<Index>> nets{
    {"a", {32, 32, 32, 32}}, {"b", {64, 64, 64, 64}}, {"c", {32, 64, 128, 256}}};

/// `images` a training step, both views together.
struct Input {
  Index images, side, channels;
};
inline const std::map<std::string, Input> inputs{{"28", {512, 28, 1}}, {"32", {256, 32, 3}}, {"84", {128, 84, 3}}};

template <class Readout>
sseg::EvolvableCnn<Readout> make_backbone(const std::vector<Index>& widths, Index channels) {
  sseg::EvolvableCnn<Readout> cnn;
  for (const Index width : widths) {
    stages(cnn).push_back(sseg::make_stage(channels, width, 2));
    channels = width;
  }
  return cnn;
}

inline sseg::Buffer<float> normal_noise(Index count, std::uint64_t seed) {
  sseg::Buffer<float> x(count);
  sseg::Rng rng(seed);
  for (float& v : x) v = rng.normal();
  return x;
}

}  // namespace bench

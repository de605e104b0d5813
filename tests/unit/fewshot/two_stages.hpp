#pragma once
#include <cmath>
#include <vector>

#include "sseg/core/rng.hpp"
#include "sseg/data/images.hpp"
#include "sseg/fewshot/last_stage.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"

namespace sseg_test {

using sseg::Index;

inline constexpr sseg::Shape small_image{8, 8, 2};

/// Two stages, the last with a residual block that does something, and running statistics that are not those of a new
/// net.
struct TwoStages {
  sseg::EvolvableCnn<sseg::Flatten> net = sseg::SeedNetwork{.initial_channels = 3, .num_blocks = 2}.build(small_image);
  sseg::ParamStore<float> store;
  TwoStages() {
    residuals(stages(net)[1]).push_back(sseg::make_identity_block(3));
    store = sseg::make_store<float>(net, 0, sseg::Rng(1));
    sseg::Rng rng(2);
    for (float& w : store.value) w += 0.2f * rng.normal();
    for (float& s : store.state) s = std::abs(s + 0.3f * rng.normal()) + 0.1f;
  }
  template <class T = float>
  auto cut() const {
    return sseg::last_stage<T>(net, store, small_image);
  }
};

inline sseg::Images random_pictures(Index n) {
  sseg::Images set{"random", small_image, sseg::Buffer<float>(n * small_image.count()), {}, {}, {}, {}};
  sseg::Rng rng(3);
  for (float& v : set.pixels) v = rng.uniform();
  return set;
}

/// Rows such as the last stage reads.
template <class T>
std::vector<T> random_maps(Index n, Index dim) {
  sseg::Rng rng(4);
  std::vector<T> rows(sseg::to_size(n * dim));
  for (T& v : rows) v = static_cast<T>(rng.uniform());
  return rows;
}

}  // namespace sseg_test

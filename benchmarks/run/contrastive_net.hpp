#pragma once
#include <string>

#include "peer_nets.hpp"
#include "sseg/augment/view_set.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/stack.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/step.hpp"

namespace bench {

/// The nets of train_step.cpp: four times [conv 3×3, batch norm, ReLU, max pool 2], global pool, projector (256, 128).
using ContrastiveLoss = sseg::Objective<sseg::Term<sseg::NtXent>>;
using ContrastiveNet = sseg::Learner<sseg::GlobalPool, ContrastiveLoss::Heads>;

inline ContrastiveNet contrastive_net(const std::string& name, sseg::Index channels) {
  const auto& widths = nets.at(name);
  return sseg::chain(make_backbone<sseg::GlobalPool>(widths, channels),
                     ContrastiveLoss::Heads{{sseg::projection_head(widths.back(), 256, 128)}, {true}});
}
inline ContrastiveLoss contrastive_loss() { return sseg::objective(sseg::task(sseg::NtXent{0.5f})); }

/// Two views of noise of every picture, in `x`, which must outlive them.
inline sseg::ViewSet::Views noise_views(const Input& in, sseg::Buffer<float>& x) {
  x = normal_noise(in.images * in.side * in.side * in.channels, 2);
  return {{x.data(), {in.images, in.side, in.side, in.channels}}, {}, {}, in.images / 2};
}

}  // namespace bench

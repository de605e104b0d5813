#pragma once
#include <string>

#include "peer_nets.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/objective.hpp"

namespace bench {

using ContrastiveLoss = sseg::Objective<sseg::Term<sseg::NtXent>>;
using ContrastiveNet = sseg::Learner<sseg::GlobalPool, ContrastiveLoss::Heads>;

/// One of `nets` with global pool and projector (256, 128), for NT-Xent.
inline ContrastiveNet contrastive_net(const std::string& name, Index channels) {
  const auto& widths = nets.at(name);
  return chain(make_backbone<sseg::GlobalPool>(widths, channels),
               ContrastiveLoss::Heads{{sseg::projection_head(widths.back(), 256, 128)}, {true}});
}

}  // namespace bench

#pragma once
#include "sseg/backend/cuda/queue_elementwise.hpp"
#include "sseg/backend/rank_moments.hpp"

namespace sseg::cuda {

template <class D>
void queue(D& d, const RankMoments<float>& a) {
  d.template launch<kernel::rank_moments>(blocks_of(a.channels), a.all, a.mean, a.var, a.channels, a.ranks);
}

}  // namespace sseg::cuda

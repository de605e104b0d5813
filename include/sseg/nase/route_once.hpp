#pragma once
#include <utility>

#include "sseg/nase/sparse_router.hpp"

namespace sseg {

/// The masks of these scores at the share `keep`, at once: a router that has made masks without a schedule.
/// Of the configuration, unit and scope count. Throws: Error as `SparseRouter`.
template <class C, class T>
SparseRouter route_once(const ParamStore<T>& store, ImportanceScorer<C, T> scores, RouterConfig config, double keep) {
  config.keep = keep;
  config.start_step = config.ramp_steps = 0;
  SparseRouter router(std::move(config));
  router.update(store, scores, 0);
  return router;
}

}  // namespace sseg

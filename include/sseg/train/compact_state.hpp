#pragma once
#include <utility>

#include "sseg/nase/compact.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// The state of a net from which the channels are gone that `path`, the store of a positive path of whole channels,
/// never uses: a net of its own that can be saved, evaluated and trained on. Student and teacher are the path; moments
/// are zero and ages restart. The history stays behind, for it would rebuild the dense net, and so do the masks.
template <class Net, class T>
TrainState<Net, T> compact_state(const TrainState<Net, T>& dense, const ParamStore<T>& path) {
  auto small = compact(dense.model.net, path);
  const auto moments = static_cast<Index>(dense.model.student.moment.size());
  TrainState<Net, T> state;
  auto student = reseat(small.store, small.net, moments, Rng());
  state.model = {std::move(small.net), std::move(student), std::move(small.store)};
  state.step = dense.step;
  state.memory = dense.memory;
  return state;
}

}  // namespace sseg

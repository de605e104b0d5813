#pragma once
#include "sseg/backend/from_host.hpp"
#include "sseg/core/error.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/trace.hpp"

namespace sseg {

/// Replaces the running statistics of a backbone by the mean of the batch statistics over `batches` batches, and leaves
/// nothing of the old ones: for a net whose weights were changed, such as a masked one. `next(k)` gives the pictures of
/// batch k (N, H, W, C), on the host; the store ends where it was. Heads are not touched. Throws: Error when there is
/// no batch.
template <class B, class Readout, class Next>
void recalibrate(B& backend, EvolvableCnn<Readout> cnn, ParamStore<typename B::Scalar>& store, Index batches,
                 Next&& next) {
  require(batches >= 1, "statistics need a batch", "recalibrate", "give one batch or more");
  using T = typename B::Scalar;
  const auto home = store.value.memory();
  store.move_to(memory_of(backend));
  Trace<T> trace;
  FromHost<T> bring;
  for (Index k = 0; k < batches; ++k) {
    const float share = 1 / static_cast<float>(k + 1);  // the mean of k + 1 is kept up by this momentum
    for (auto& slot : stages(cnn).slots) {
      entry_norm(slot.block).momentum = share;
      for (auto& block : residuals(slot.block).slots) norm_of(block.block).momentum = share;
    }
    trace.forward(backend, cnn, store, bring(backend, View<const T>(next(k))), Mode::train);
  }
  store.move_to(home);
}

}  // namespace sseg

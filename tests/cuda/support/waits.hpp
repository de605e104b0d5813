#pragma once
#include <cstdint>

#include "cuda/support/with_double.hpp"
#include "support/catch.hpp"
#include "unit/train/small_run.hpp"

namespace cuda_test {

/// What the double has seen so far.
struct Waits {
  std::int64_t streams = cuda_double::calls().count("cudaStreamSynchronize"),
               devices = cuda_double::calls().count("cudaDeviceSynchronize"),
               copies = cuda_double::calls().count(cuda_double::copies_to_host),
               blocks = cuda_double::calls().count("cudaMalloc"),
               launches = cuda_double::calls().count("cudaLaunchKernel"),
               graphs = cuda_double::calls().count("cudaGraphLaunch");
};

/// Some steps of the small run without anybody who listens, after a few others: nobody waits, nothing comes to the host
/// and nothing is allocated. `graphs_of_a_step` 0: its calls are single ones; else there are none of these.
template <class B, class R>
void waits_for_nothing(B& backend, const R& r, std::int64_t graphs_of_a_step) {
  constexpr sseg::Index first = 4, steps = 6;
  const sseg::Images train = small_run::images();
  const sseg::InstanceProbe probe(small_run::probe_images(), r.views.global, sseg::Rng(2));
  sseg::FitConfig c = small_run::config;
  c.steps = 1000;
  auto fit = make_fit(backend, train, probe, c, r, sseg::Rng(3));
  small_run::State state = small_run::start();
  state.step = 1;  // a step of looking for collapse is none of these
  for (sseg::Index i = 0; i < first; ++i) fit.step(state);
  const Waits before;
  for (sseg::Index i = 0; i < steps; ++i) fit.step(state);
  const Waits after;
  CHECK(after.streams == before.streams);
  CHECK(after.devices == before.devices);
  CHECK(after.copies == before.copies);
  CHECK(after.blocks == before.blocks);
  CHECK(after.graphs - before.graphs == steps * graphs_of_a_step);
  if (graphs_of_a_step > 0) CHECK(after.launches == before.launches);
  fit.bring_home(state);
  CHECK(state.loss.count == first + steps);
}

}  // namespace cuda_test

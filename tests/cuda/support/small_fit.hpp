#pragma once
#include <vector>

#include "unit/train/small_run.hpp"

namespace cuda_test {

/// What a run tells: its losses, and what its probe measured.
struct Listener {
  std::vector<double> losses{}, probes{};
  void on_step(const sseg::StepInfo& i) { losses.push_back(i.loss); }
  void on_probe(const sseg::ProbeInfo& i) { probes.push_back(i.probe); }
};

/// A whole small run on `backend`.
template <class B>
Listener run_on(B& backend, small_run::State& state, const small_run::SmallRecipe& r = small_run::recipe()) {
  const sseg::Images train = small_run::images();
  const sseg::InstanceProbe probe(small_run::probe_images(), r.views.global, sseg::Rng(2));
  const std::atomic<bool> stop{false};
  Listener listener;
  make_fit(backend, train, probe, small_run::config, r, sseg::Rng(3), listener).run(state, stop);
  return listener;
}

}  // namespace cuda_test

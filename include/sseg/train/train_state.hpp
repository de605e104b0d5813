#pragma once
#include <vector>

#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/history.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/evolve/plateau.hpp"
#include "sseg/evolve/sensitivity.hpp"

namespace sseg {

/// Everything training carries from step to step, and all that a checkpoint must hold: with the configuration, a run
/// continues from here bit for bit. Randomness needs no state: every draw is named by seed, purpose and step.
template <class Readout, class T>
struct TrainState {
  Growing<Learner<Readout>, T> model;
  Index step = 0;  ///< steps done
  History history;
  Plateau::Memory plateau;
  TaylorSensitivity sensitivity;
};

/// Student and teacher equal, nothing trained. `moments` as the optimizer needs.
template <class T, class Readout>
TrainState<Readout, T> start_training(Learner<Readout> net, Index moments, const Rng& rng) {
  ParamStore<T> student = make_store<T>(net, moments, rng);
  ParamStore<T> teacher = reseat(student, net, 0, rng);
  return {{std::move(net), std::move(student), std::move(teacher)}, 0, {}, {}, {}};
}

}  // namespace sseg

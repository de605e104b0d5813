#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/buffer.hpp"
#include "sseg/curriculum/curriculum_memory.hpp"
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/history.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/evolve/plateau.hpp"
#include "sseg/evolve/sensitivity_meter.hpp"
#include "sseg/ssl/collapse_memory.hpp"
#include "sseg/train/mean_loss.hpp"
#include "sseg/train/routing.hpp"
#include "sseg/train/stop_memory.hpp"

namespace sseg {

/// What the losses of a run remember between steps (DINO's centre), one buffer a term.
template <class T>
using LossMemory = std::vector<Buffer<T>>;

/// Everything training carries from step to step, and all that a checkpoint must hold: with the configuration, a run
/// continues from here bit for bit. Randomness needs no state: every draw is named by seed, purpose and step.
template <class Net, class T>
struct TrainState {
  Growing<Net, T> model;
  Index step = 0;  ///< steps done
  History history;
  Plateau::Memory plateau;
  SensitivityMeter sensitivity{};
  CollapseMemory collapse;
  MeanLoss loss;
  CurriculumMemory curriculum{};
  StopMemory stop;  ///< of early stopping, where the run has it
  LossMemory<T> memory;
  std::optional<Routing<T>> routing;  ///< while the run routes
};

/// Student and teacher equal, nothing trained. `moments` as the optimizer needs; `sensitivity` names how stages are
/// judged: taylor, gradient_norm or keep_ratio. Throws: Error for another name.
template <class T, class Net>
TrainState<Net, T> start_training(Net net, Index moments, const Rng& rng, std::string sensitivity = "taylor") {
  ParamStore<T> student = make_store<T>(net, moments, rng);
  ParamStore<T> teacher = reseat(student, net, 0, rng);
  TrainState<Net, T> state;
  state.model = {std::move(net), std::move(student), std::move(teacher)};
  state.sensitivity = SensitivityMeter(std::move(sensitivity));
  return state;
}

}  // namespace sseg

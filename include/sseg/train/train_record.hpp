#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/curriculum/curriculum_memory.hpp"
#include "sseg/curriculum/level_mix.hpp"
#include "sseg/evolve/history.hpp"
#include "sseg/evolve/plateau.hpp"
#include "sseg/evolve/sensitivity_meter.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/nase/router_config.hpp"
#include "sseg/ssl/collapse_memory.hpp"
#include "sseg/train/genome.hpp"
#include "sseg/train/mean_loss.hpp"
#include "sseg/train/stop_memory.hpp"

namespace sseg {

/// Step counts of one tensor.
struct TensorAge {
  std::string key;
  Index step = 0;
  std::vector<Index> cohort_start;
};

/// A sensitivity: its method, and the running averages.
struct SensitivityRecord {
  std::string method = "taylor";
  double momentum = 0.9;
  StageScoresRecord scores;
};

/// What the collapse monitor remembers, verdicts in words.
struct CollapseRecord {
  std::string candidate = "healthy", confirmed = "healthy";
  Index agreeing = 0;
};

/// The part of a training state that is not tensors.
struct TrainRecord {
  Index step = 0;
  Index moments = 2;  ///< of the optimizer
  Plateau::Memory plateau;
  SensitivityRecord sensitivity;
  CollapseRecord collapse;
  MeanLoss loss;
  CurriculumMemory curriculum;
  StopMemory stop;
  History history;
  std::vector<TensorAge> ages;
  std::vector<RouterConfig> router;  ///< one while the run routes
  bool masks_settled = false;
  std::uint64_t router_seed = 0;
};

/// The averages as they belong to the net, which may have been mutated since they were observed.
template <class Net>
SensitivityRecord sensitivity_record(SensitivityMeter meter, const Net& net) {
  if (!meter.values().empty()) meter.align(net);
  return {meter.method(), meter.momentum(), meter.record()};
}
inline SensitivityMeter sensitivity_of(const SensitivityRecord& r) {
  SensitivityMeter meter(r.method, r.momentum);
  meter.restore(r.scores);
  return meter;
}

inline CollapseRecord collapse_record(const CollapseMemory& m) {
  return {std::string(to_string(m.candidate)), std::string(to_string(m.confirmed)), m.agreeing};
}
/// Empty when the words are not known.
inline std::optional<CollapseMemory> collapse_memory(const CollapseRecord& r) {
  const auto candidate = collapse_of(r.candidate), confirmed = collapse_of(r.confirmed);
  if (!candidate || !confirmed) return {};
  return CollapseMemory{*candidate, r.agreeing, *confirmed};
}

namespace detail {

/// A count that can be added to and multiplied without overflow.
constexpr bool sane_count(Index n) { return n >= 0 && n <= (Index{1} << 40); }

/// Either nothing was observed, or there is a value for every stage of the net and every channel.
inline bool fits(const SensitivityRecord& r, const Genome& g) {
  const StageScoresRecord& s = r.scores;
  const std::size_t stages = s.value.empty() ? 0 : g.stages.size();
  bool ok = r.momentum >= 0 && r.momentum < 1 && s.value.size() == stages && s.stage.size() == stages &&
            s.channel.size() == stages;
  for (std::size_t k = 0; ok && k < stages; ++k)
    ok = s.stage[k] == g.stages[k].id && static_cast<Index>(s.channel[k].size()) == g.stages[k].channels;
  return ok;
}

/// Throws: Error for counts that make no sense, or that do not belong to the net.
inline void check_record(const TrainRecord& r, const Genome& g, const std::string& where) {
  const auto need = [&](bool ok, const char* what) {
    if (!ok) throw Error(what, where, "take a checkpoint that this library wrote");
  };
  const Plateau::Memory& p = r.plateau;
  need(sane_count(r.step) && r.moments >= 0 && r.moments <= 4 && r.router.size() <= 1 && sane_count(p.stale) &&
           sane_count(p.since) && sane_count(p.seen) && sane_count(r.collapse.agreeing) && sane_count(r.loss.count) &&
           r.curriculum.level >= 0 && r.curriculum.level <= LevelMix::levels && sane_count(r.curriculum.stale) &&
           sane_count(r.curriculum.seen) && r.stop.best_step >= -1 && r.stop.best_step <= r.step &&
           sane_count(r.stop.stale),
       "the counts of the training state are not usable");
  need(collapse_memory(r.collapse).has_value(), "the verdicts on collapse are not known");
  Index last = 0;
  bool in_order = true;
  for (const MutationRecord& m : r.history) in_order = in_order && m.step >= std::exchange(last, m.step);
  need(in_order && last <= r.step, "the mutations of the history are not in the order of their steps");
  need(fits(r.sensitivity, g), "the sensitivities are not those of the net's stages and channels");
}

}  // namespace detail

}  // namespace sseg

SSEG_FIELDS(sseg::TensorAge, key, step, cohort_start);
SSEG_FIELDS(sseg::SensitivityRecord, method, momentum, scores);
SSEG_FIELDS(sseg::CollapseRecord, candidate, confirmed, agreeing);
SSEG_FIELDS(sseg::TrainRecord, step, moments, plateau, sensitivity, collapse, loss, curriculum, stop, history, ages,
            router, masks_settled, router_seed);

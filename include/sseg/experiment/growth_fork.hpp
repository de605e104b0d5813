#pragma once
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "sseg/core/progress.hpp"
#include "sseg/data/any_dataset.hpp"
#include "sseg/dist/alone.hpp"
#include "sseg/dist/gather_texts.hpp"
#include "sseg/experiment/fork_report.hpp"
#include "sseg/experiment/run_inputs.hpp"
#include "sseg/train/matched_fork.hpp"

namespace sseg {

/// How far a fork goes. The learning rate of both arms is, step by step, that of the run whose snapshot it is; a run at
/// its end has none left. Then either train.steps is raised, as for a run that is resumed: the schedules are those of
/// the longer run, and the rate at the snapshot rises again. Or `rate` is given and held.
struct ForkSettings {
  Index steps = 0;   ///< of each arm; 0: what the run waits between two mutations at most, or what is left of it
  Index orders = 1;  ///< data orders; each trains both arms
  float rate = 0;    ///< constant learning rate; 0: the run's schedule
};

namespace detail {

inline Index fork_steps(const RunConfig& c, Index step, const ForkSettings& s) {
  require(s.orders >= 1 && s.steps >= 0 && s.rate >= 0 && s.rate < 1e3f, "the sizes of the fork make no sense",
          "ForkSettings", "give one order or more, and no negative steps or rate");
  const TriggerConfig& t = c.evolution.growth.trigger;
  const Index wait = c.train.probe_every * (t.kind == "every" ? t.every : t.max_wait > 0 ? t.max_wait : t.patience);
  const Index left = c.train.steps - step;
  const std::string at = "step " + std::to_string(step) + " of " + std::to_string(c.train.steps);
  if (s.rate > 0) return s.steps > 0 ? s.steps : wait;
  if (left < 1)
    throw Error("the run is at its end, its learning rate at the floor: nothing would be learned from here", at,
                "raise train.steps (both arms then follow the schedules of the longer run, and the rate rises again) "
                "or hold a rate (--rate)");
  if (s.steps > left)
    throw Error("the run has " + std::to_string(left) + " steps left, the fork wants " + std::to_string(s.steps), at,
                "fork fewer steps, raise train.steps, or hold a rate (--rate)");
  return s.steps > 0 ? s.steps : std::min(wait, left);
}

/// The run as the fork goes on with it, and for how many steps.
struct ForkPlan {
  RunConfig config;
  MainRecipe recipe;
  Index steps = 0;

  ForkPlan(const RunConfig& c, Index step, const ForkSettings& s)
      : config(c), recipe(main_recipe(c)), steps(fork_steps(c, step, s)) {
    if (!(s.rate > 0)) return;
    config.train.steps = std::max(c.train.steps, step + steps);
    recipe.rate = {.steps = 0, .inner = {.peak = s.rate, .floor = s.rate}};
  }
  double rate(Index step) const { return static_cast<double>(recipe.rate({step, config.train.steps})); }

  ForkReport report(const TrainState<MainNet, float>& snapshot, const LabelledImages& labelled) const {
    ForkReport r{.step = snapshot.step, .steps = steps};
    r.rate_first = rate(snapshot.step);
    r.rate_last = rate(snapshot.step + steps - 1);
    r.net_before = describe(backbone(snapshot.model.net));
    r.dataset = labelled.images.name;
    r.split = labelled.split;
    r.seed = config.seed;
    return r;
  }
};

/// One bar over all arms.
class ForkProgress {
 public:
  ForkProgress(Index total, std::FILE* out) : bar_("fork", total, out) {}
  void on_step(const StepInfo& s) {
    ++done_;
    if (bar_.due(done_)) bar_.update(done_, "step " + std::to_string(s.at.step));
  }

 private:
  ProgressBar bar_;
  Index done_ = 0;
};

/// Few-shot accuracies of a state's teacher, always in the same episodes, under the protocols of
/// the run, but by plain features alone.
template <class B>
class ForkEvaluation {
 public:
  ForkEvaluation(B& backend, const LabelledImages& on, const RunConfig& c)
      : backend_(backend), images_(on.images), e_(c.evaluation) {
    about_ = {.dataset = images_.name, .split = on.split, .way = e_.way, .query = e_.query, .episodes = e_.episodes};
    about_.seed = c.seed;
  }
  std::vector<FewShotAccuracies> operator()(const TrainState<MainNet, float>& s) const {
    const PictureFeatures f{.plain = Embedder<B>(backend_).embed(backbone(s.model.net), s.model.teacher, images_)};
    return few_shot_accuracies(backend_.threads(), f, images_, about_, within_groups(e_), e_);
  }

 private:
  B& backend_;
  const Images& images_;
  EvaluationConfig e_;
  FewShotRow about_;
};

/// Accuracies of some of the orders, in their sequence; not whole when the fork was stopped.
struct ForkArmsMeasured {
  ArmAccuracies plain{}, grown{};
  bool whole = true;
};

/// Those of all orders: order o is the next one of rank o mod k.
template <class C>
ForkArmsMeasured gather_arms(C& ranks, const ForkArmsMeasured& mine, Index orders) {
  const Json text = {
      {"plain", fields_to_json(mine.plain)}, {"grown", fields_to_json(mine.grown)}, {"whole", mine.whole}};
  std::vector<ForkArmsMeasured> of_rank;
  ForkArmsMeasured all;
  for (const std::string& theirs : gather_texts(ranks, to_text(text))) {
    const Json json = parse_json(theirs, "another rank");
    ForkArmsMeasured& m = of_rank.emplace_back();
    fields_from_json(json.at("plain"), m.plain, "another rank");
    fields_from_json(json.at("grown"), m.grown, "another rank");
    all.whole = all.whole && json.at("whole").get<bool>();
  }
  for (Index order = 0; order < orders && all.whole; ++order) {
    const ForkArmsMeasured& owner = of_rank[to_size(order % ranks.size())];
    all.plain.push_back(owner.plain.at(to_size(order / ranks.size())));
    all.grown.push_back(owner.grown.at(to_size(order / ranks.size())));
  }
  return all;
}

}  // namespace detail

/// What growth is worth from `snapshot` on: makes the mutation that the configuration's growth proposes there, trains
/// on with and without it over the same batches (MatchedFork), and compares both in the same episodes of `labelled`,
/// classes that were not trained on. `images`: those of the run. Empty when `stop` became true.
/// The data orders are dealt out to `ranks`, which all call it and all get the rows, bit for bit those of one process;
/// the mutation's record is whole on the first one. `backend`: the rank's own (not an Across).
/// Throws: Error when growth proposes nothing, the run has too few steps left, or the images do not fit.
template <class B, Communicator C>
std::optional<ForkReport> fork_growth(B& backend, C& ranks, const RunConfig& config, const AnyDataset& images,
                                      const TrainState<MainNet, float>& snapshot, const LabelledImages& labelled,
                                      const ForkSettings& settings, const std::atomic<bool>& stop,
                                      std::FILE* out = stdout) {
  check_config(config);
  detail::ForkPlan plan(config, snapshot.step, settings);
  const RunInputs in = run_inputs(config, images);
  if (plan.recipe.curriculum) plan.recipe.curriculum->levels = in.levels;
  for (const Shape& s : {in.image, labelled.images.shape})
    snapshot.model.net.out_shape({1, s[0], s[1], s[2]});  // throws when the net reads other images
  const detail::ForkEvaluation<B> evaluate(backend, labelled, config);
  const auto before = evaluate(snapshot);  // better to fail now than after the training
  const auto fork = make_matched_fork(backend, in.train, in.probe, plan.config.train, plan.recipe, in.fit);
  const auto edit = fork.proposal(snapshot);
  if (!edit)
    throw Error("growth has no mutation to propose here", "evolution.growth", "raise max_blocks or max_channels");

  ForkReport report = plan.report(snapshot, labelled);
  report.orders = settings.orders;
  const Index first = ranks.rank(), next = ranks.size(), mine = (settings.orders - first + next - 1) / next;
  detail::ForkProgress progress(2 * plan.steps * mine, out);
  detail::ForkArmsMeasured measured;
  for (Index order = first; order < settings.orders && measured.whole; order += next) {
    const auto arms = fork.run(snapshot, *edit, plan.steps, order, stop, progress);
    measured.whole = arms.has_value();
    if (!arms) continue;
    measured.plain.push_back(evaluate(arms->plain));
    measured.grown.push_back(evaluate(arms->grown));
    report.mutation = arms->grown.history.back();
  }
  const auto all = detail::gather_arms(ranks, measured, settings.orders);
  if (!all.whole) return {};
  report.rows = fork_rows(before, all.plain, all.grown);
  return report;
}

/// The same in one process.
template <class B>
std::optional<ForkReport> fork_growth(B& backend, const RunConfig& config, const AnyDataset& images,
                                      const TrainState<MainNet, float>& snapshot, const LabelledImages& labelled,
                                      const ForkSettings& settings, const std::atomic<bool>& stop,
                                      std::FILE* out = stdout) {
  Alone alone;
  return fork_growth(backend, alone, config, images, snapshot, labelled, settings, stop, out);
}

}  // namespace sseg

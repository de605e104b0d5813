#pragma once
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sseg/evolve/fitness.hpp"
#include "sseg/evolve/growth_tools.hpp"
#include "sseg/evolve/proposal.hpp"
#include "sseg/evolve/replay.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Which mutation is made, and how large it is. `choice` is one of
///   alternate    mutations take turns, each at the place and in the size that it proposes itself
///   sensitivity  of all proposals, brought to equal cost: the highest sensitivity of its stage per added log cost
///   random       of the same proposals, any: the control that an informed choice must beat
///   trial        the best `trial_count` by sensitivity and the unchanged net are forked and trained a few steps over
///                the same batches; the fork of the highest fitness, its gain over the unchanged one per log cost
/// A proposal that adds less than the common target is not preferred for being cheap: it counts as if it added that.
/// The budget is never exceeded, whatever the choice. Same streams, same choice.
struct MutationSelector {
  std::string choice = "alternate";
  double cost_step = 0;  ///< see of_equal_cost
  Index trial_count = 3;
  Index trial_steps = 50;  ///< that whoever trains gives every fork
  Fitness fitness{};
  Budget budget{};
  bool operator==(const MutationSelector&) const = default;

  /// Throws: Error naming the setting that makes no sense.
  void check() const {
    if (choice != "alternate" && choice != "sensitivity" && choice != "random" && choice != "trial")
      throw Error("no way '" + choice + "' to choose a mutation", "choice",
                  "give alternate, sensitivity, random or trial");
    require(cost_step >= 0 && trial_count >= 1 && trial_steps >= 1 && fitness.floor > 0,
            "the numbers of the selector make no sense", "cost_step, trial_count, trial_steps, fitness.floor",
            "give no negative cost step, one trial of one step or more and a floor above 0");
  }

  /// The edit to make, settled, with the stream of its draws; empty when no proposal keeps the budget.
  /// Not for "alternate". Throws: Error as `check`, `gather_proposals`, and when a tool that it needs is not there.
  template <class Net, class T, class... Ms>
  std::optional<EditRecord> choose(const Growing<Net, T>& g, const std::tuple<Ms...>& mutations, const Signals& signals,
                                   const Rng& rng, const GrowthTools<Net, T>& tools = {}) const {
    check();
    auto all = gather_proposals(g.net, mutations, signals, budget, rng.split("proposals"));
    const Index macs = cost_of(g.net, signals.image).macs;
    const auto target = static_cast<Index>(std::llround(macs_to_add(all, macs, cost_step)));
    const Fitness measure{.floor = fitness.log_cost(macs, macs + target)};
    all = of_equal_cost(all, macs, cost_step);
    for (Proposal& p : all) p.score = value_of(p, signals.sensitivity, measure, macs);
    Rng draw = rng.split("choice");
    draw.shuffle(std::span(all));  // settles ties

    std::vector<Proposal> best;
    const std::size_t wanted = choice == "trial" ? to_size(trial_count) : 1;
    for (const std::size_t i : order_of(all)) {
      if (best.size() == wanted) break;
      Proposal& p = all[i];
      settle(p.edit, g.net, mutations, signals, rng);
      if (fast_enough(p.edit, g.net, mutations, tools)) best.push_back(std::move(p));
    }
    if (best.empty()) return {};
    if (choice != "trial") return best.front().edit;
    return try_out(best, g, mutations, measure, macs, tools).edit;
  }

  /// The net keeps every limit. Throws: Error when the image's shape or a clock is missing.
  template <class Net, class T>
  bool allows(const Net& net, const Signals& signals, const GrowthTools<Net, T>& tools) const {
    if (budget.unlimited()) return true;
    require(signals.image.rank == 4, "a budget needs the shape of an image", "MutationSelector",
            "give Signals::image = {1, H, W, C}");
    return within(budget, cost_of(net, signals.image)) && fast_enough(net, tools);
  }

 private:
  /// As they are for "random", else from the highest score down.
  std::vector<std::size_t> order_of(const std::vector<Proposal>& all) const {
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (choice != "random")
      std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return all[a].score > all[b].score; });
    return order;
  }

  /// Sensitivity per log cost; a stage that is not there yet counts as the last one.
  static double value_of(const Proposal& p, std::span<const double> sensitivity, const Fitness& measure, Index macs) {
    if (sensitivity.empty()) return 0;
    const auto stage = std::min(to_size(p.edit.stage), sensitivity.size() - 1);
    return sensitivity[stage] / measure.log_cost(macs, p.cost.macs);
  }

  template <class Net, class... Ms>
  static void settle(EditRecord& record, const Net& net, const std::tuple<Ms...>& mutations, const Signals& signals,
                     const Rng& rng) {
    with_named(mutations, record.kind, [&](const auto& m) {
      using M = std::remove_cvref_t<decltype(m)>;
      if constexpr (HasSettle<M, Net>) {
        Rng draw = rng.split("settle").split(record.kind).split(static_cast<std::uint64_t>(record.stage));
        record = record_of<M>(m.settle(net, edit_of<M>(record), signals, draw));
      }
    });
    record.draw = rng.split("weights").key();
  }

  template <class Net, class T>
  bool fast_enough(const Net& net, const GrowthTools<Net, T>& tools) const {
    if (!(budget.max_milliseconds > 0)) return true;
    require(static_cast<bool>(tools.milliseconds), "a limit in milliseconds needs a clock", "MutationSelector",
            "give GrowthTools::milliseconds, or set budget.max_milliseconds to 0");
    return tools.milliseconds(net) <= budget.max_milliseconds;
  }
  template <class Net, class T, class... Ms>
  bool fast_enough(const EditRecord& record, const Net& net, const std::tuple<Ms...>& mutations,
                   const GrowthTools<Net, T>& tools) const {
    bool ok = true;
    if (budget.max_milliseconds > 0)
      with_named(mutations, record.kind, [&](const auto& m) {
        ok = fast_enough(m.apply(net, edit_of<std::remove_cvref_t<decltype(m)>>(record)), tools);
      });
    return ok;
  }

  template <class Net, class T, class... Ms>
  const Proposal& try_out(std::vector<Proposal>& best, const Growing<Net, T>& g, const std::tuple<Ms...>& mutations,
                          const Fitness& measure, Index macs, const GrowthTools<Net, T>& tools) const {
    require(static_cast<bool>(tools.trial), "trials need something to try with", "MutationSelector",
            "give GrowthTools::trial, or another choice");
    const double unchanged = tools.trial(g);
    for (Proposal& p : best) {
      Growing<Net, T> fork = g;
      mutate_again(fork, mutations, p.edit);
      p.score = measure(unchanged, tools.trial(fork), macs, p.cost.macs);
    }
    return *std::max_element(best.begin(), best.end(), [](const auto& a, const auto& b) { return a.score < b.score; });
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::MutationSelector, choice, cost_step, trial_count, trial_steps, fitness, budget);

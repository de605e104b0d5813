#pragma once
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sseg/concepts/mutation.hpp"
#include "sseg/evolve/budget.hpp"
#include "sseg/evolve/cost.hpp"
#include "sseg/evolve/edit_record.hpp"

namespace sseg {

/// A mutation that could be made, and what the net would cost after it.
struct Proposal {
  EditRecord edit;
  Cost cost;
  double score = 0;
  bool operator==(const Proposal&) const = default;
};

/// Every candidate of every mutation within the budget, in the order of the mutations; of a mutation without
/// `candidates`, the one that it proposes. Throws: Error when `signals.image` is not (1, H, W, C), or an edit cannot be
/// recorded.
template <class Net, class... Ms>
std::vector<Proposal> gather_proposals(const Net& net, const std::tuple<Ms...>& mutations, const Signals& signals,
                                       const Budget& budget, const Rng& rng) {
  require(signals.image.rank == 4, "costs need the shape of an image", "gather_proposals",
          "give Signals::image = {1, H, W, C}");
  std::vector<Proposal> all;
  const auto add = [&](const auto& mutation, const auto& edit) {
    using M = std::remove_cvref_t<decltype(mutation)>;
    Proposal p{record_of<M>(edit), cost_of(mutation.apply(net, edit), signals.image), 0};
    if (!p.edit.replayable)
      throw Error("the edit of this mutation cannot be recorded, so it cannot be compared with others", p.edit.kind,
                  "name its fields with SSEG_FIELDS(YourMutation::Edit, …), or let mutations alternate");
    if (within(budget, p.cost)) all.push_back(std::move(p));
  };
  const auto ask = [&](const auto& mutation) {
    if constexpr (HasCandidates<std::remove_cvref_t<decltype(mutation)>, Net>) {
      for (const auto& edit : mutation.candidates(net, signals)) add(mutation, edit);
    } else {
      Rng draw = rng.split(mutation.name);
      if (const auto edit = mutation.propose(net, signals, draw)) add(mutation, *edit);
    }
  };
  std::apply([&](const auto&... m) { (ask(m), ...); }, mutations);
  return all;
}

namespace detail {

/// Sizes of one mutation at one stage follow each other in the list.
inline std::size_t end_of_sizes(const std::vector<Proposal>& all, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < all.size() && all[end].edit.kind == all[begin].edit.kind && all[end].edit.stage == all[begin].edit.stage)
    ++end;
  return end;
}

}  // namespace detail

/// The MACs that a mutation should add: `cost_step`·`macs_now`; with `cost_step` = 0 what the cheapest proposal of one
/// size adds (GROW), and where there is none a twentieth of `macs_now`.
inline double macs_to_add(const std::vector<Proposal>& all, Index macs_now, double cost_step) {
  if (cost_step > 0) return cost_step * static_cast<double>(macs_now);
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < all.size(); i = detail::end_of_sizes(all, i)) {
    const Index added = all[i].cost.macs - macs_now;
    if (detail::end_of_sizes(all, i) == i + 1 && added > 0) least = std::min(least, static_cast<double>(added));
  }
  return least < std::numeric_limits<double>::infinity() ? least : 0.05 * static_cast<double>(macs_now);
}

/// Makes proposals comparable, as NetAdapt's steps of equal cost do (Yang et al. 2018): where a mutation offers several
/// sizes at a stage, the one stays whose added MACs are nearest to `macs_to_add` (the smaller of two).
inline std::vector<Proposal> of_equal_cost(const std::vector<Proposal>& all, Index macs_now, double cost_step) {
  const double target = macs_to_add(all, macs_now, cost_step);
  const auto off = [&](const Proposal& p) { return std::abs(static_cast<double>(p.cost.macs - macs_now) - target); };
  std::vector<Proposal> kept;
  for (std::size_t i = 0; i < all.size();) {
    const std::size_t end = detail::end_of_sizes(all, i);
    std::size_t best = i;
    for (; i < end; ++i)
      if (off(all[i]) < off(all[best])) best = i;
    kept.push_back(all[best]);
  }
  return kept;
}

}  // namespace sseg

#pragma once
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "sseg/concepts/mutation.hpp"
#include "sseg/evolve/edit_record.hpp"
#include "sseg/evolve/growing.hpp"
#include "sseg/evolve/mutation_selector.hpp"
#include "sseg/evolve/switched.hpp"

namespace sseg {

/// When and how to grow: a trigger that watches the probe, mutations, and a selector that says which of them acts and
/// where. By default those that are on take turns; a mutation without a proposal (its limit is reached, or the budget
/// would be exceeded) passes its turn on. Mutations are told apart by name.
template <class Trigger, class... Ms>
struct Evolve {
  static_assert(sizeof...(Ms) > 0, "sseg::Evolve: needs at least one mutation.");
  Trigger trigger{};
  std::tuple<Ms...> mutations{};
  MutationSelector selector{};
  bool operator==(const Evolve&) const = default;

  /// Some mutation that is on looks at Signals::auxiliary.
  constexpr bool needs_auxiliary() const {
    return std::apply([](const auto&... m) { return (wants_auxiliary(m) || ...); }, mutations);
  }

  /// What happened: which mutation, where, and all that is needed to do it again.
  struct Applied {
    std::string kind, place;
    bool keeps_function = true;
    EditRecord edit;
  };

  /// Lets one mutation act on `g`. Empty when none can. `turn` counts the mutations so far. Throws: Error as
  /// `MutationSelector::choose`.
  template <class Net, class T>
  std::optional<Applied> act(Growing<Net, T>& g, const Signals& signals, Index turn, const Rng& rng,
                             const GrowthTools<Net, T>& tools = {}) const {
    selector.check();
    if (selector.choice == "alternate") return take_turns(g, signals, turn, rng, tools);
    const auto record = selector.choose(g, mutations, signals, rng, tools);
    if (!record) return {};
    return redo(g, *record);
  }

  /// Makes a recorded edit, whatever the selector would choose. Throws: Error as `mutate_again`.
  template <class Net, class T>
  Applied redo(Growing<Net, T>& g, const EditRecord& record) const {
    const Net before = g.net;
    mutate_again(g, mutations, record);
    Applied done;
    with_named(mutations, record.kind, [&](const auto& m) {
      using M = std::remove_cvref_t<decltype(m)>;
      done = Applied{record.kind, m.place(before, edit_of<M>(record)), M::keeps_function, record};
    });
    return done;
  }

 private:
  /// The mutation whose turn it is, or the next that can.
  template <class Net, class T>
  std::optional<Applied> take_turns(Growing<Net, T>& g, const Signals& signals, Index turn, const Rng& rng,
                                    const GrowthTools<Net, T>& tools) const {
    const Index count = std::apply([](const auto&... m) { return (Index{is_on(m)} + ...); }, mutations);
    std::optional<Applied> done;
    for (Index k = 0; k < count && !done; ++k) {
      Index place = 0;  // among those that are on
      const auto visit = [&](const auto& m) {
        if (is_on(m) && place++ == (turn + k) % count && !done) attempt(g, m, signals, rng, tools, done);
      };
      std::apply([&](const auto&... m) { (visit(m), ...); }, mutations);
    }
    return done;
  }

  template <class M>
  static constexpr bool wants_auxiliary(const M& m) {
    if constexpr (requires { requires M::needs_auxiliary; })
      return is_on(m);
    else
      return false;
  }

  template <class M, class Net, class T>
  void attempt(Growing<Net, T>& g, const M& mutation, const Signals& signals, const Rng& rng,
               const GrowthTools<Net, T>& tools, std::optional<Applied>& done) const {
    static_assert(CheckMutation<M, Net, ParamStore<T>>::ok);
    Rng choice = rng.split("choice");
    const auto edit = mutation.propose(g.net, signals, choice);
    if (!edit || !selector.allows(mutation.apply(g.net, *edit), signals, tools)) return;
    const Rng weights = rng.split("weights");
    done = Applied{std::string(M::name), mutation.place(g.net, *edit), M::keeps_function,
                   record_of<M>(*edit, weights.key())};
    mutate(g, mutation, *edit, weights);
  }
};

}  // namespace sseg

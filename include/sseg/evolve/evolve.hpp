#pragma once
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "sseg/concepts/mutation.hpp"
#include "sseg/evolve/edit_record.hpp"
#include "sseg/evolve/growing.hpp"
#include "sseg/evolve/mutation_selector.hpp"

namespace sseg {

/// When and how to grow: a trigger that watches the probe, mutations, and a selector that says which of them acts and
/// where. By default they take turns; a mutation without a proposal (its limit is reached, or the budget would be
/// exceeded) passes its turn on. Mutations are told apart by name.
template <class Trigger, class... Ms>
struct Evolve {
  static_assert(sizeof...(Ms) > 0, "sseg::Evolve: needs at least one mutation.");
  Trigger trigger{};
  std::tuple<Ms...> mutations{};
  MutationSelector selector{};
  bool operator==(const Evolve&) const = default;

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
    constexpr auto count = static_cast<Index>(sizeof...(Ms));
    std::optional<Applied> done;
    for (Index k = 0; k < count && !done; ++k) [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((static_cast<Index>(I) == (turn + k) % count ? attempt(g, std::get<I>(mutations), signals, rng, tools, done)
                                                      : void()),
         ...);
      }
    (std::index_sequence_for<Ms...>{});
    return done;
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

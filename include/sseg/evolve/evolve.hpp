#pragma once
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "sseg/concepts/mutation.hpp"
#include "sseg/net/reseat.hpp"

namespace sseg {

/// A net and the two stores that are laid out for it; whatever changes the net changes all three.
template <class Net, class T>
struct Growing {
  Net net;
  ParamStore<T> student;
  ParamStore<T> teacher;
};

/// Applies one edit to net, student and teacher. The teacher gets the same edit and the same draw, so that it stays the
/// average of the student it follows.
template <class M, class Net, class T>
void mutate(Growing<Net, T>& g, const M& mutation, const typename M::Edit& edit, const Rng& rng) {
  static_assert(CheckMutation<M, Net, ParamStore<T>>::ok);
  Net grown = mutation.apply(g.net, edit);
  const auto moved = [&](const ParamStore<T>& old) {
    ParamStore<T> fresh = reseat(old, grown, static_cast<Index>(old.moment.size()), rng);
    mutation.carry(g.net, edit, old, fresh);
    return fresh;
  };
  ParamStore<T> student = moved(g.student), teacher = moved(g.teacher);
  g = {std::move(grown), std::move(student), std::move(teacher)};
}

/// When and how to grow: a trigger that watches the probe, and mutations that take turns; a mutation without a proposal
/// (its limit is reached) passes its turn on.
template <class Trigger, class... Ms>
struct Evolve {
  static_assert(sizeof...(Ms) > 0, "sseg::Evolve: needs at least one mutation.");
  Trigger trigger{};
  std::tuple<Ms...> mutations{};
  bool operator==(const Evolve&) const = default;

  /// What happened: which mutation, where.
  struct Applied {
    std::string kind, place;
    bool keeps_function = true;
  };

  /// Lets the mutation whose turn it is act on `g`, or the next that can. Empty when none can.
  /// `turn` counts the mutations so far.
  template <class Net, class T>
  std::optional<Applied> act(Growing<Net, T>& g, const Signals& signals, Index turn, const Rng& rng) const {
    constexpr auto count = static_cast<Index>(sizeof...(Ms));
    std::optional<Applied> done;
    for (Index k = 0; k < count && !done; ++k) [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((static_cast<Index>(I) == (turn + k) % count ? attempt(g, std::get<I>(mutations), signals, rng, done)
                                                      : void()),
         ...);
      }
    (std::index_sequence_for<Ms...>{});
    return done;
  }

 private:
  template <class M, class Net, class T>
  static void attempt(Growing<Net, T>& g, const M& mutation, const Signals& signals, const Rng& rng,
                      std::optional<Applied>& done) {
    static_assert(CheckMutation<M, Net, ParamStore<T>>::ok);
    Rng choice = rng.split("choice");
    const auto edit = mutation.propose(g.net, signals, choice);
    if (!edit) return;
    done = Applied{std::string(M::name), mutation.place(g.net, *edit), M::keeps_function};
    mutate(g, mutation, *edit, rng.split("weights"));
  }
};

}  // namespace sseg

#pragma once
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

}  // namespace sseg

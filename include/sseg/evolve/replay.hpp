#pragma once
#include <string>
#include <tuple>
#include <utility>

#include "sseg/evolve/edit_record.hpp"
#include "sseg/evolve/growing.hpp"
#include "sseg/evolve/history.hpp"
#include "sseg/meta/named.hpp"

namespace sseg {

/// Does a recorded edit again: the mutation of that name, the same edit, the same draws. Throws: Error when no mutation
/// has that name or the edit was not recorded.
template <class Net, class T, class... Ms>
void mutate_again(Growing<Net, T>& g, const std::tuple<Ms...>& mutations, const EditRecord& record) {
  const bool found = with_named(mutations, record.kind, [&](const auto& m) {
    mutate(g, m, edit_of<std::remove_cvref_t<decltype(m)>>(record), Rng(record.draw));
  });
  if (!found)
    throw Error("no mutation is called '" + record.kind + "'", "mutate_again",
                "give the mutations of the run that wrote the history");
}

/// Grows a seed along a history: the same architecture, and in new entries the very weights that the run drew. Old
/// entries keep the seed's weights, carried through every mutation. The mutations must be set as they were in the run.
///   replay(start_training<float>(net, moments, rng).model, history, growth.mutations)
/// Throws: Error as `mutate_again`.
template <class Net, class T, class... Ms>
Growing<Net, T> replay(Growing<Net, T> seed, const History& history, const std::tuple<Ms...>& mutations) {
  for (const MutationRecord& record : history) mutate_again(seed, mutations, record.edit);
  return seed;
}

}  // namespace sseg

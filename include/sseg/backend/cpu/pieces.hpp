#pragma once
#include <algorithm>

#include "sseg/backend/cpu/isa.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg::cpu {

/// Into how many pieces `items` with `floats` floats of traffic are cut: enough for a large team, none for little work.
/// A function of the shapes alone.
constexpr Index pieces_for(Index items, Index floats) {
  constexpr Index least_floats = 16 * 1024, most_pieces = 64;
  return std::clamp<Index>(std::min(floats / least_floats, items), 1, most_pieces);
}

/// f(range) over 0 … items-1, in pieces, with the instructions for `Lanes`; f is SSEG_INLINE.
template <int Lanes, class F>
void over_ranges(Threads& threads, Index items, Index floats, F&& f) {
  const Index pieces = pieces_for(items, floats);
  threads.run(pieces, [&](Index piece) {
    const Range mine = part_of(items, pieces, piece);
    Isa<Lanes>::call([&]() SSEG_INLINE { f(mine); });
  });
}

}  // namespace sseg::cpu

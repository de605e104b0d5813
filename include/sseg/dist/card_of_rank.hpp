#pragma once
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/dist/gather_texts.hpp"

namespace sseg {

namespace detail {

/// What a rank says of the cards that it sees. Ranks of one machine that see the same share them.
struct SeenCards {
  std::string machine, visible;  ///< its name; CUDA_VISIBLE_DEVICES, "" where all are
  int cards = 0;
};

/// The card of each rank. Throws: Error, the same on all ranks, when ranks outnumber the cards that they share.
inline std::vector<int> deal_out_cards(const std::vector<SeenCards>& ranks) {
  std::vector<int> out;
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    const auto shares = [&](const SeenCards& o) {
      return o.machine == ranks[r].machine && o.visible == ranks[r].visible;
    };
    int before = 0, all = 0;
    for (std::size_t o = 0; o < ranks.size(); ++o)
      if (shares(ranks[o])) before += o < r ? 1 : 0, ++all;
    if (all > ranks[r].cards)
      throw Error(std::to_string(all) + " ranks on " + ranks[r].machine + " see " + std::to_string(ranks[r].cards) +
                      " GPUs" + (ranks[r].visible.empty() ? "" : " (CUDA_VISIBLE_DEVICES=" + ranks[r].visible + ")"),
                  "card_of_rank", "start no more ranks on a machine than it has GPUs: each rank takes one");
    out.push_back(before);
  }
  return out;
}

}  // namespace detail

/// The card of this rank, as CUDA numbers those that the process sees: ranks of one machine take them in turn, by rank,
/// one each. Where a launcher shows each rank a card of its own (CUDA_VISIBLE_DEVICES), that one. `cards`: how many
/// this process sees. All ranks call it. Throws: Error on all of them when a machine has fewer cards than ranks.
template <Communicator C>
int card_of_rank(C& ranks, int cards) {
  std::array<char, 256> machine{};
  (void)::gethostname(machine.data(), machine.size() - 1);
  const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
  const std::string mine = std::string(machine.data()) + "\n" + (visible == nullptr ? "" : visible) + "\n";
  std::vector<detail::SeenCards> all;
  for (const std::string& text : gather_texts(ranks, mine + std::to_string(cards))) {
    const std::size_t first = text.find('\n'), second = text.rfind('\n');
    all.push_back(
        {text.substr(0, first), text.substr(first + 1, second - first - 1), std::stoi(text.substr(second + 1))});
  }
  return detail::deal_out_cards(all)[static_cast<std::size_t>(ranks.rank())];
}

}  // namespace sseg

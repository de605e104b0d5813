#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sseg/backend/cuda/partners.hpp"
#include "sseg/concepts/communicator.hpp"

namespace sseg {

/// What all ranks do with a piece of messages that each has noted (cuda::Partners). All ranks note the same messages in
/// the same order, but one that runs out of memory has to hand over earlier than the others. So ranks compare where
/// their pieces begin and end; where these differ, all play theirs, and who has handed over less plays on, without
/// asking, until it has come as far as the others.
class AgreedWay {
  using Way = cuda::Partners::Way;

 public:
  /// The way of all ranks for this one's next `messages`, which it would go `mine`: launch if all would, and the graphs
  /// are of one capture (`graph`, the same number on all ranks); capture if all could; else play. Throws: Error.
  template <Communicator C>
  Way operator()(C& ranks, Way mine, std::uint64_t graph, std::size_t messages) {
    const double begin = handed_over_;
    handed_over_ += static_cast<double>(messages);
    if (handed_over_ <= asked_for_) return Way::play;
    const std::array<double, numbers> here{static_cast<double>(mine), static_cast<double>(graph), begin, handed_over_};
    all_.resize(numbers * static_cast<std::size_t>(ranks.size()));
    ranks.all_gather(std::span<const double>(here), std::span<double>(all_));
    Way way = mine;
    bool same_piece = true, same_graph = true;
    for (std::size_t r = 0; r < all_.size(); r += numbers) {
      const double* const there = all_.data() + r;
      way = std::min(way, static_cast<Way>(static_cast<int>(there[0])));
      same_graph = same_graph && there[1] == here[1];
      same_piece = same_piece && there[2] == here[2] && there[3] == here[3];
      asked_for_ = std::max(asked_for_, there[3]);
    }
    if (!same_piece) return Way::play;
    return same_graph ? way : std::min(way, Way::capture);
  }

 private:
  static constexpr std::size_t numbers = 4;

  double handed_over_ = 0, asked_for_ = 0;  ///< messages from the first on: by this rank, by the one that is furthest
  std::vector<double> all_;
};

}  // namespace sseg

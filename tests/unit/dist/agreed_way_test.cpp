#include "sseg/dist/agreed_way.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "support/catch.hpp"

namespace agreed_way_test {

using namespace sseg;
using Way = cuda::Partners::Way;

/// Rank 0 of two; what rank 1 says is given.
struct WithAnother {
  using Space = HostSpace;
  std::array<double, 4> says{};
  int asked = 0;

  int rank() const { return 0; }
  int size() const { return 2; }
  template <class T>
  void all_reduce(std::span<T>) {}
  template <class T>
  void broadcast(std::span<T>) {}
  template <class T>
  void all_gather(std::span<const T> mine, std::span<T> all) {
    ++asked;
    std::copy(mine.begin(), mine.end(), all.begin());
    if constexpr (std::is_same_v<T, double>)
      std::copy(says.begin(), says.end(), all.begin() + static_cast<std::ptrdiff_t>(mine.size()));
  }
};

/// Way, graph, first and last message of the other rank.
std::array<double, 4> other(Way way, double graph, double begin, double end) {
  return {static_cast<double>(way), graph, begin, end};
}

TEST_CASE("Ranks launch graphs of one capture, capture where all can, and play else") {
  const auto together = [](Way mine, std::uint64_t graph, Way theirs, double their_graph) {
    WithAnother ranks{other(theirs, their_graph, 0, 3)};
    return AgreedWay()(ranks, mine, graph, 3);
  };
  CHECK(together(Way::launch, 5, Way::launch, 5) == Way::launch);
  CHECK(together(Way::launch, 5, Way::launch, 4) == Way::capture);
  CHECK(together(Way::launch, 5, Way::capture, 0) == Way::capture);
  CHECK(together(Way::capture, 0, Way::launch, 5) == Way::capture);
  CHECK(together(Way::capture, 0, Way::capture, 0) == Way::capture);
  CHECK(together(Way::launch, 5, Way::play, 0) == Way::play);
  CHECK(together(Way::play, 0, Way::launch, 5) == Way::play);
}

TEST_CASE("A rank that has handed over less than another plays, without asking, until it has come as far") {
  WithAnother ranks{other(Way::launch, 1, 0, 10)};
  AgreedWay agreed;
  CHECK(agreed(ranks, Way::launch, 1, 4) == Way::play);
  CHECK(agreed(ranks, Way::launch, 2, 5) == Way::play);
  CHECK(agreed(ranks, Way::launch, 2, 1) == Way::play);
  CHECK(ranks.asked == 1);
  ranks.says = other(Way::launch, 1, 10, 20);
  CHECK(agreed(ranks, Way::launch, 1, 10) == Way::launch);
  CHECK(ranks.asked == 2);
}

TEST_CASE("A rank that has handed over more than another waits for it at its next piece") {
  WithAnother ranks{other(Way::launch, 1, 0, 4)};
  AgreedWay agreed;
  CHECK(agreed(ranks, Way::launch, 1, 10) == Way::play);
  ranks.says = other(Way::launch, 1, 4, 20);  // it went past where this rank's piece begins
  CHECK(agreed(ranks, Way::launch, 1, 10) == Way::play);
  ranks.says = other(Way::launch, 1, 20, 30);
  CHECK(agreed(ranks, Way::launch, 1, 10) == Way::launch);
  CHECK(ranks.asked == 3);
}

}  // namespace agreed_way_test

#include "sseg/core/parallel.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/catch.hpp"

namespace parallel_test {

using sseg::Index;
using sseg::Range;
using sseg::Threads;
using sseg::to_size;

TEST_CASE("the parts of a whole cover it once, in order and nearly equal") {
  for (const Index total : {0, 1, 5, 64, 1000003})
    for (const Index parts : {1, 2, 3, 7, 64}) {
      Index at = 0;
      for (Index i = 0; i < parts; ++i) {
        const Range r = sseg::part_of(total, parts, i);
        REQUIRE(r.begin == at);
        REQUIRE((r.size() >= total / parts && r.size() <= total / parts + 1));
        at = r.end;
      }
      CHECK(at == total);
    }
}

TEST_CASE("every piece of work runs once") {
  for (const int count : {1, 2, 5}) {
    Threads threads(count);
    CHECK(threads.count() == count);
    for (const Index pieces : {0, 1, 2, 3, 100, 5000}) {
      std::vector<std::atomic<int>> times(to_size(pieces));
      threads.run(pieces, [&](Index i) { ++times[to_size(i)]; });
      int wrong = 0;
      for (const auto& t : times) wrong += t != 1;
      CHECK(wrong == 0);
    }
  }
  CHECK(Threads().count() >= 1);
}

TEST_CASE("pieces that run at once have different workers") {
  Threads threads(3);
  std::vector<std::atomic<int>> busy(3);
  std::atomic<int> clashes{0}, strangers{0};
  threads.run(3000, [&](Index, int worker) {
    if (worker < 0 || worker >= 3) {
      ++strangers;
      return;
    }
    clashes += busy[to_size(worker)]++ != 0;
    std::this_thread::yield();
    --busy[to_size(worker)];
  });
  CHECK(clashes == 0);
  CHECK(strangers == 0);
}

TEST_CASE("what a piece throws reaches the caller, and the team goes on") {
  for (const int count : {1, 4}) {
    Threads threads(count);
    for (int round = 0; round < 50; ++round) {
      CHECK_THROWS_AS(threads.run(20,
                                  [&](Index i) {
                                    if (i == round % 20) throw std::out_of_range("piece");
                                  }),
                      std::out_of_range);
      std::atomic<Index> sum{0};
      threads.run(20, [&](Index i) { sum += i; });
      REQUIRE(sum == 190);
    }
  }
}

TEST_CASE("when every piece throws, one failure arrives and nothing hangs") {
  Threads threads(4);
  CHECK_THROWS_WITH(threads.run(1000, [](Index) { throw std::runtime_error("all of them"); }), "all of them");
  int ran = 0;
  threads.run(1, [&](Index) { ++ran; });
  CHECK(ran == 1);
}

TEST_CASE("many short rounds follow each other") {
  Threads threads(3);
  std::vector<Index> cell(3);
  for (int round = 0; round < 20000; ++round) threads.run(3, [&](Index i) { cell[to_size(i)] += i + 1; });
  CHECK(cell == std::vector<Index>{20000, 40000, 60000});
}

}  // namespace parallel_test

#include "sseg/dist/staged_sums.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sseg/dist/gradient_sum.hpp"
#include "support/catch.hpp"

namespace staged_sums_test {

using namespace sseg;

/// Copies arrive when the test says so, or when they are waited for.
struct SlowBackend {
  static constexpr std::string_view name = "slow";
  using Scalar = float;
  using Space = DeviceSpace;
  struct Later {
    std::vector<float> here;
    const int* allowed = nullptr;
    int number = 0, waits = 0;
    bool arrived() const { return waits > 0 || number < *allowed; }
    void wait() { ++waits; }
    void* data() { return here.data(); }
  };
  int allowed = 0, begun = 0, taken_back = 0;

  std::shared_ptr<Memory> memory() { return {}; }
  void bring_later(Later& later, const float* from, Index n) {
    later.here.assign(from, from + n);
    later.allowed = &allowed, later.number = begun++, later.waits = 0;
  }
  void take_back(Later& later, float* to, Index n) {
    std::copy_n(later.here.begin(), n, to);
    ++taken_back;
  }
};

/// A sum doubles what it is given; notes how many began, and how often it could go on.
struct Doubling {
  std::vector<std::size_t> begun;
  int progressed = 0, ended = 0;
  void begin_sum(std::span<float> x) {
    begun.push_back(x.size());
    for (float& v : x) v *= 2;
  }
  void progress_sums() { ++progressed; }
  void end_sums() { ++ended; }
};

TEST_CASE("Sums begin in their order when they have arrived, and go back when all have ended") {
  SlowBackend backend;
  Doubling ranks;
  StagedSums<SlowBackend, Doubling> sums(backend, ranks);
  static_assert(SumsInBackground<StagedSums<SlowBackend, Doubling>>);
  for (int turn = 1; turn <= 2; ++turn) {
    std::vector<float> x{1, 2, 3, 4, 5, 6};
    backend.allowed = backend.begun = 0;
    ranks.begun.clear();
    sums.begin_sum(std::span<float>(x).subspan(3));
    sums.begin_sum(std::span<float>(x).subspan(1, 2));
    sums.begin_sum(std::span<float>());
    CHECK(ranks.begun.empty());
    backend.allowed = 1;
    sums.progress_sums();
    CHECK(ranks.begun == std::vector<std::size_t>{3});
    sums.begin_sum(std::span<float>(x).first(1));
    CHECK(ranks.begun.size() == 1);
    const int before = ranks.progressed;
    sums.end_sums();
    CHECK(ranks.progressed > before);
    CHECK(ranks.begun == std::vector<std::size_t>{3, 2, 1});
    CHECK(ranks.ended == turn);
    CHECK(backend.taken_back == 3 * turn);
    CHECK(x == std::vector<float>{2, 4, 6, 8, 10, 12});
  }
}

}  // namespace staged_sums_test

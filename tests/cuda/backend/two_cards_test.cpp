// Two backends of one thread, each with a card of its own.
#include <thread>
#include <vector>

#include "cuda/support/with_double.hpp"
#include "sseg/backend/cuda.hpp"
#include "sseg/core/buffer.hpp"
#include "support/catch.hpp"

namespace two_cards_test {

using namespace sseg;

namespace {

/// 3·x + 1 on the device.
std::vector<float> work(Cuda& cuda, float x) {
  Buffer<float> a, b;
  for (Buffer<float>* buffer : {&a, &b}) {
    buffer->lie_in(cuda.memory());
    buffer->reserve_at_least(100);
  }
  const std::vector<float> given(100, x);
  a.upload(given);
  dispatch(cuda, Fill<float>{100, 1.f, b.data()});
  dispatch(cuda, Scale<float>{100, 3.f, a.data(), a.data(), false});
  dispatch(cuda, Add<float>{100, a.data(), b.data(), b.data()});
  std::vector<float> out(100);
  b.download(out);
  return out;
}

}  // namespace

TEST_CASE("Two backends take turns, each on its own card, from any thread") {
  cuda_test::start_double({cuda_double::Card{}, cuda_double::Card{}});
  {
    Cuda first({.device = 0}), second({.device = 1});
    for (int turn = 0; turn < 3; ++turn) {
      CHECK(work(first, 2) == std::vector<float>(100, 7.f));
      CHECK(work(second, 5) == std::vector<float>(100, 16.f));
    }
    std::vector<float> elsewhere;
    std::thread([&] { elsewhere = work(second, 1); }).join();
    CHECK(elsewhere == std::vector<float>(100, 4.f));
  }
  CHECK(cuda_test::double_faults().empty());
}

}  // namespace two_cards_test

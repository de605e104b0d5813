#include "sseg/data/prefetcher.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace prefetcher_test {

using sseg::Index;
using sseg::make_prefetcher;
using sseg_test::Contains;
using sseg_test::message_of;

TEST_CASE("items come in order, each a function of its number, for any number of workers") {
  const int workers = GENERATE(0, 1, 2, 5);
  auto items = make_prefetcher<std::vector<Index>>(
      [](Index n, std::vector<Index>& item) {
        if (n % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
        item.assign(3, n * n);
      },
      7, workers, 3);
  for (Index n = 7; n < 200; ++n) {
    CHECK(items.position() == n);
    const auto& item = items.next();
    REQUIRE(item == std::vector<Index>(3, n * n));
    if (n % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // nobody overwrites what is in use
    REQUIRE(item == std::vector<Index>(3, n * n));
  }
}

TEST_CASE("no more items are made ahead than agreed") {
  std::atomic<Index> made{0};
  auto items = make_prefetcher<Index>([&](Index n, Index& item) { item = n, ++made; }, 0, 3, 4);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(made <= 5);
  for (Index n = 0; n < 50; ++n) {
    CHECK(items.next() == n);
    std::this_thread::sleep_for(std::chrono::microseconds(300));
    CHECK(made <= n + 5);
  }
}

TEST_CASE("what making an item throws reaches who takes it, and the items after it follow") {
  const int workers = GENERATE(0, 2);
  auto items = make_prefetcher<Index>(
      [](Index n, Index& item) {
        if (n == 3) throw sseg::Error("a damaged picture", "folder/three.png", "remove it");
        item = n;
      },
      0, workers, 2);
  for (Index n = 0; n < 3; ++n) CHECK(items.next() == n);
  CHECK_THAT(message_of([&] { items.next(); }), Contains("folder/three.png"));
  for (Index n = 4; n < 20; ++n) CHECK(items.next() == n);
}

TEST_CASE("a prefetcher may be given up at any time") {
  for (int k = 0; k < 20; ++k) {
    auto items =
        make_prefetcher<std::vector<float>>([](Index, std::vector<float>& item) { item.assign(1000, 1.f); }, 0, 3, 2);
    for (int taken = 0; taken < k % 4; ++taken) items.next();
  }
  SUCCEED();
}

TEST_CASE("items use their memory again") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  auto items = make_prefetcher<std::vector<float>>(
      [](Index n, std::vector<float>& item) { item.assign(500, static_cast<float>(n)); }, 0, 2, 3);
  for (int k = 0; k < 20; ++k) items.next();
  const auto before = malloc_count();
  for (int k = 0; k < 50; ++k) items.next();
  CHECK(malloc_count() == before);
}

TEST_CASE("prefetchers that make no sense are refused") {
  const auto made = [](int workers, Index ahead) {
    return message_of([&] { make_prefetcher<Index>([](Index, Index&) {}, 0, workers, ahead); });
  };
  CHECK_THAT(made(-1, 2), Contains("workers"));
  CHECK_THAT(made(1, 0), Contains("one item ahead"));
  CHECK_THAT(made(1, -1), Contains("one item ahead"));
  CHECK(made(0, 0).empty());
}

}  // namespace prefetcher_test

#include "sseg/data/batch_loader.hpp"

#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace batch_loader_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

/// Image i is four pixels of value i; the numbers in `broken` cannot be read.
struct Numbered {
  Index count = 30;
  std::vector<Index> broken{};
  Index size() const { return count; }
  ImageSpec spec() const { return {{2, 2, 1}, 5, "numbered"}; }
  Index read(Index i, View<float> out) const {
    for (const Index b : broken)
      if (b == i) throw Error("a damaged picture", "folder/" + std::to_string(i) + ".png", "remove it");
    for (float& v : out.flat()) v = static_cast<float>(i);
    return i % 5;
  }
};

}  // namespace

TEST_CASE("batches are those of the order, with their labels, for any number of workers and from any step on") {
  const Numbered data;
  BatchOrder order(30, 8, Rng(3));
  const int workers = GENERATE(0, 1, 3);
  const Index first = GENERATE(0, 5);
  BatchLoader loader(data, {.batch = 8, .workers = workers, .ahead = 2}, Rng(3), first);
  CHECK(loader.steps_per_epoch() == 3);
  for (Index step = first; step < first + 20; ++step) {
    CHECK(loader.position() == step);
    const LoadedBatch& b = loader.next();
    CHECK(b.step == step);
    REQUIRE(b.images().shape == Shape{8, 2, 2, 1});
    const auto expected = order.at(step);
    for (Index i = 0; i < 8; ++i) {
      REQUIRE(b.index[to_size(i)] == expected[to_size(i)]);
      CHECK(b.label[to_size(i)] == expected[to_size(i)] % 5);
      for (Index p = 0; p < 4; ++p) CHECK(b.images().data[i * 4 + p] == static_cast<float>(expected[to_size(i)]));
    }
  }
}

TEST_CASE("ranks share every batch, and together see each image of an epoch once") {
  const Numbered data{24};
  std::multiset<Index> seen;
  BatchOrder order(24, 12, Rng(1));
  std::vector<std::vector<Index>> first_step;
  for (const Index rank : {0, 1, 2}) {
    BatchLoader loader(data, {.batch = 4, .workers = 1, .ahead = 1, .rank = rank, .ranks = 3}, Rng(1));
    for (Index step = 0; step < 2; ++step) {
      const LoadedBatch& b = loader.next();
      seen.insert(b.index.begin(), b.index.end());
      if (step == 0) first_step.push_back(b.index);
    }
  }
  CHECK(seen.size() == 24);
  CHECK(std::set<Index>(seen.begin(), seen.end()).size() == 24);
  const auto whole = order.at(0);
  for (std::size_t i = 0; i < 12; ++i) CHECK(whole[i] == first_step[i / 4][i % 4]);
}

TEST_CASE("a picture that cannot be read ends the loading with its name, or is replaced, counted and named") {
  const Numbered data{10, {4, 5}};
  const int workers = GENERATE(0, 2);
  BatchLoader strict(data, {.batch = 10, .workers = workers}, Rng(2));
  CHECK_THAT(message_of([&] { strict.next(); }), Contains("damaged") && Contains(".png"));

  BatchLoader lenient(data, {.batch = 10, .workers = workers, .on_corrupt = OnCorrupt::skip}, Rng(2));
  const LoadedBatch& b = lenient.next();
  for (Index i = 0; i < 10; ++i) {
    const Index used = b.index[to_size(i)];
    CHECK((used != 4 && used != 5));
    CHECK(b.images().data[4 * i] == static_cast<float>(used));
    CHECK(b.label[to_size(i)] == used % 5);
  }
  CHECK(lenient.skipped_count() >= 3);  // 4 was followed by 5
  CHECK_THAT(lenient.skipped().front(), Contains("folder/"));

  const Numbered hopeless{3, {0, 1, 2}};
  BatchLoader all_broken(hopeless, {.batch = 2, .workers = workers, .on_corrupt = OnCorrupt::skip}, Rng(2));
  CHECK_THAT(message_of([&] { all_broken.next(); }), Contains("damaged"));
}

TEST_CASE("loaders that make no sense are refused") {
  const Numbered data{10};
  const auto made = [&](const BatchLoaderConfig& c) { return message_of([&] { BatchLoader(data, c, Rng(1)); }); };
  CHECK(made({.batch = 10}).empty());
  CHECK_THAT(made({.batch = 0}), Contains("batch >= 1"));
  CHECK_THAT(made({.batch = 11}), Contains("11"));
  CHECK_THAT(made({.batch = 4, .ranks = 3}), Contains("12"));
  CHECK_THAT(made({.batch = 1, .rank = 2, .ranks = 2}), Contains("rank < ranks"));
}

}  // namespace batch_loader_test

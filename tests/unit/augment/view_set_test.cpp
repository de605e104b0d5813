#include "sseg/augment/view_set.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#include "sseg/augment/flip.hpp"
#include "sseg/augment/gaussian_blur.hpp"
#include "sseg/augment/pipeline.hpp"
#include "sseg/augment/random_resized_crop.hpp"
#include "sseg/augment/two_views.hpp"
#include "sseg/augment/warp.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace view_set_test {

using sseg::Index;
using sseg::pipeline;
using sseg::RandomResizedCrop;
using sseg::Rng;
using sseg::Shape;
using sseg::Threads;
using sseg::View;
using sseg::ViewCounts;
using sseg::ViewSet;
using sseg_test::augmented;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::Picture;

namespace {

constexpr Shape image{12, 9, 3};

Picture picture(Index index) { return sseg_test::random_picture(image, static_cast<std::uint64_t>(index)); }

/// Counts how often it is read.
struct Noise {
  std::atomic<Index>* reads = nullptr;
  Index size() const { return 100; }
  sseg::ImageSpec spec() const { return {image, 0, "noise"}; }
  Index read(Index i, View<float> out) const {
    Rng rng(static_cast<std::uint64_t>(i));
    for (float& v : out.flat()) v = rng.uniform();
    if (reads) ++*reads;
    return -1;
  }
};

const auto global = pipeline(RandomResizedCrop{.side = 8, .scale_min = 0.4f}, sseg::Flip{}, sseg::GaussianBlur{});
const auto local = pipeline(RandomResizedCrop{.side = 5, .scale_min = 0.1f, .scale_max = 0.4f}, sseg::Warp{});
const RandomResizedCrop clean{.side = 8, .scale_min = 0.9f};

/// What a picture is, straight from its definition.
template <class A>
Picture drawn(const A& augment, Index index, Rng rng) {
  const Picture in = picture(index);
  Picture out(augment.out_shape(image));
  augment(rng, in.view(), out.view());
  return out;
}

Picture row(View<const float> x, Index r) {
  const View<const float> item = x.item(r);
  Picture out(item.shape);
  std::copy_n(item.data, item.shape.count(), out.value.begin());
  return out;
}

std::vector<float> all_values(const ViewSet::Views& views) {
  std::vector<float> all;
  for (const auto& x : {views.global, views.local, views.rotated})
    if (x) all.insert(all.end(), x.data, x.data + x.shape.count());
  return all;
}

}  // namespace

TEST_CASE("every view is drawn by its kind's augmentation from its own stream") {
  Threads threads(2);
  ViewSet set;
  const std::vector<Index> batch{7, 3, 90, 7, 11};
  const Rng rng(5);
  const auto& views = set.make(threads, Noise{}, batch, {.global = 3, .local = 2, .rotated = 4, .clean_first = true},
                               global, local, clean, rng);
  CHECK(views.images == 5);
  REQUIRE(views.global.shape == Shape{15, 8, 8, 3});
  REQUIRE(views.local.shape == Shape{10, 5, 5, 3});
  REQUIRE(views.rotated.shape == Shape{20, 8, 8, 3});
  for (Index i = 0; i < 5; ++i) {
    const Index index = batch[sseg::to_size(i)];
    const Rng own = rng.split(static_cast<std::uint64_t>(index));
    CHECK(row(views.global, i) == drawn(clean, index, own.split(0)));
    CHECK(row(views.global, 5 + i) == drawn(global, index, own.split(1)));
    CHECK(row(views.global, 10 + i) == drawn(global, index, own.split(2)));
    for (Index v = 0; v < 2; ++v)
      CHECK(row(views.local, v * 5 + i) ==
            drawn(local, index, own.split("local").split(static_cast<std::uint64_t>(v))));
    for (Index v = 0; v < 4; ++v) {
      const Picture straight = drawn(global, index, own.split("rotated").split(static_cast<std::uint64_t>(v)));
      Picture turned(straight.shape);
      sseg::quarter_turn(straight.view(), turned.view(), i + v);
      CHECK(row(views.rotated, v * 5 + i) == turned);
    }
  }
}

TEST_CASE("the views of a part of a batch are those of the whole batch") {
  Threads threads(1);
  ViewSet whole, part;
  const std::vector<Index> batch{7, 3, 90, 5, 11}, last{90, 5, 11};
  const ViewCounts counts{.global = 2, .local = 1, .rotated = 2};
  const auto& all = whole.make(threads, Noise{}, batch, counts, global, local, clean, Rng(5));
  const auto& some = part.make(threads, Noise{}, last, counts, global, local, clean, Rng(5), 2);
  for (Index i = 0; i < 3; ++i)
    for (Index v = 0; v < 2; ++v) {
      CHECK(row(some.global, v * 3 + i) == row(all.global, v * 5 + 2 + i));
      CHECK(row(some.rotated, v * 3 + i) == row(all.rotated, v * 5 + 2 + i));
    }
}

TEST_CASE("all views of an image differ, but for the image twice in a batch") {
  Threads threads(1);
  ViewSet set;
  const std::vector<Index> batch{4, 5, 4};
  const auto& views =
      set.make(threads, Noise{}, batch, {.global = 4, .local = 0, .rotated = 1}, global, local, clean, Rng(1));
  std::vector<Picture> all;
  for (Index r = 0; r < 12; ++r) all.push_back(row(views.global, r));
  Picture upright(all[0].shape);
  sseg::quarter_turn(row(views.rotated, 1).view(), upright.view(), -1);
  all.push_back(upright);
  for (std::size_t a = 0; a < all.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) {
      const bool same_image = a < 12 && a / 3 == b / 3 && a % 3 == 2 && b % 3 == 0;
      CHECK((all[a] == all[b]) == same_image);
    }
}

TEST_CASE("global views 0 and 1 are those of TwoViews, bit for bit") {
  Threads threads(3);
  ViewSet set;
  sseg::TwoViews two;
  const std::vector<Index> batch{1, 50, 2, 99};
  const auto& views = set.make(threads, Noise{}, batch, {.global = 2, .local = 3}, global, local, clean, Rng(8));
  const View<const float> x = two.make(threads, Noise{}, batch, global, Rng(8));
  REQUIRE(x.shape == views.global.shape);
  CHECK(std::equal(x.data, x.data + x.shape.count(), views.global.data));
  for (Index i = 0; i < 4; ++i)
    for (Index v = 0; v < 2; ++v)
      CHECK(
          row(x, v * 4 + i) ==
          drawn(
              global, batch[sseg::to_size(i)],
              Rng(8).split(static_cast<std::uint64_t>(batch[sseg::to_size(i)])).split(static_cast<std::uint64_t>(v))));
}

TEST_CASE("views are the same for any number of threads, and every image is read once") {
  const std::vector<Index> batch{5, 17, 2, 99, 40, 41, 42, 0, 61};
  const ViewCounts counts{.global = 2, .local = 4, .rotated = 2, .clean_first = true};
  std::vector<float> expected;
  for (const int count : {1, 2, 5}) {
    Threads threads(count);
    ViewSet set;
    std::atomic<Index> reads{0};
    const auto values = all_values(set.make(threads, Noise{&reads}, batch, counts, global, local, clean, Rng(3)));
    CHECK(reads == 9);
    if (expected.empty()) expected = values;
    CHECK(values == expected);
  }
  Threads threads(2);
  ViewSet set;
  const auto before = all_values(set.make(threads, Noise{}, batch, counts, global, local, clean, Rng(4)));
  CHECK(before != expected);
  set.make(threads, Noise{}, std::vector<Index>{1, 2}, {.global = 1}, global, local, clean, Rng(3));
  CHECK(all_values(set.make(threads, Noise{}, batch, counts, global, local, clean, Rng(3))) == expected);
}

TEST_CASE("a kind of which there are none has no data") {
  Threads threads(1);
  ViewSet set;
  const std::vector<Index> batch{1, 2};
  set.make(threads, Noise{}, batch, {.global = 2, .local = 2, .rotated = 1}, global, local, clean, Rng(3));
  const auto& views = set.make(threads, Noise{}, batch, {.global = 0, .local = 1}, global, local, clean, Rng(3));
  CHECK_FALSE(views.global);
  CHECK_FALSE(views.rotated);
  CHECK(views.global.shape.count() == 0);
  CHECK(views.local.shape == Shape{2, 5, 5, 3});
  const auto& none = set.make(threads, Noise{}, std::vector<Index>{}, {.global = 2}, global, local, clean, Rng(3));
  CHECK(none.images == 0);
  CHECK_FALSE(none.global);
}

TEST_CASE("making views again allocates nothing") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  Threads threads(1);
  ViewSet set;
  const std::vector<Index> batch{5, 17, 2, 99}, other{1, 3, 4, 8};
  const ViewCounts counts{.global = 2, .local = 4, .rotated = 2, .clean_first = true};
  set.make(threads, Noise{}, batch, counts, global, local, clean, Rng(1));
  const long before = malloc_count();
  for (std::uint64_t step = 2; step < 40; ++step)
    set.make(threads, Noise{}, other, counts, global, local, clean, Rng(step));
  CHECK(malloc_count() == before);
}

TEST_CASE("views that cannot be made are refused") {
  Threads threads(2);
  ViewSet set;
  const auto refusal = [&](const ViewCounts& counts, const auto& first, const auto& second) {
    return message_of([&] {
      set.make(threads, Noise{}, std::vector<Index>{1, 2}, counts, first, local, second, Rng(1));
    });
  };
  CHECK_THAT(refusal({.clean_first = true}, global, RandomResizedCrop{.side = 9}),
             Contains("(9, 9, 3)") && Contains("(8, 8, 3)"));
  CHECK(refusal({}, global, RandomResizedCrop{.side = 9}).empty());
  CHECK_THAT(refusal({.rotated = 1}, sseg::Flip{}, sseg::Flip{}), Contains("(12, 9, 3)") && Contains("not square"));
  CHECK(refusal({}, sseg::Flip{}, sseg::Flip{}).empty());
  CHECK_THAT(refusal({.global = -1}, global, clean), Contains("below 0"));
  CHECK_THAT(refusal({.local = -1}, global, clean), Contains("below 0"));
  CHECK_THAT(refusal({.rotated = -1}, global, clean), Contains("below 0"));
  CHECK_THAT(refusal({.global = 0, .local = 1, .clean_first = true}, global, clean), Contains("clean_first"));
  // A failure on the way comes through.
  CHECK_THAT(refusal({}, RandomResizedCrop{.side = 8, .scale_min = 2}, clean), Contains("RandomResizedCrop"));
}

}  // namespace view_set_test

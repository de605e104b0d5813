#include "sseg/augment/two_views.hpp"

#include <algorithm>
#include <vector>

#include "sseg/augment/warp.hpp"
#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"

namespace two_views_test {

using sseg::Index;
using sseg::Rng;
using sseg::Shape;
using sseg::Threads;
using sseg::TwoViews;
using sseg::View;
using sseg_test::Picture;

namespace {

constexpr Shape image{6, 5, 2};

struct Noise {
  Index size() const { return 100; }
  sseg::ImageSpec spec() const { return {image, 0, "noise"}; }
  Index read(Index i, View<float> out) const {
    const Picture p = sseg_test::random_picture(image, static_cast<std::uint64_t>(i));
    std::copy(p.value.begin(), p.value.end(), out.data);
    return -1;
  }
};

struct Same {
  bool operator==(const Same&) const = default;
  constexpr Shape out_shape(Shape s) const { return s; }
  void operator()(Rng&, View<const float> in, View<float> out) const {
    std::copy_n(in.data, in.shape.count(), out.data);
  }
};

template <class A>
std::vector<Picture> views(Threads& threads, const std::vector<Index>& batch, const A& augment, std::uint64_t seed) {
  TwoViews maker;
  const View<const float> x = maker.make(threads, Noise{}, batch, augment, Rng(seed));
  REQUIRE(x.shape == Shape{2 * static_cast<Index>(batch.size()), image[0], image[1], image[2]});
  std::vector<Picture> all;
  for (Index r = 0; r < x.shape[0]; ++r) {
    all.emplace_back(image);
    std::copy_n(x.item(r).data, image.count(), all.back().value.begin());
  }
  return all;
}

}  // namespace

TEST_CASE("row i is view 1 of image i and row N + i its view 2") {
  Threads threads(2);
  const std::vector<Index> batch{7, 3, 90};
  const auto rows = views(threads, batch, Same{}, 1);
  for (std::size_t i = 0; i < 3; ++i) {
    const Picture expected = sseg_test::random_picture(image, static_cast<std::uint64_t>(batch[i]));
    CHECK(rows[i] == expected);
    CHECK(rows[3 + i] == expected);
  }
  for (Index r = 0; r < 6; ++r) {
    CHECK(TwoViews::positive(r, 6) == (r + 3) % 6);
    CHECK(TwoViews::positive(TwoViews::positive(r, 6), 6) == r);
  }
}

TEST_CASE("the two views of an image differ, and so do those of another stream") {
  Threads threads(1);
  const auto rows = views(threads, {1, 2, 3, 4}, sseg::Warp{}, 1);
  const auto others = views(threads, {1, 2, 3, 4}, sseg::Warp{}, 2);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(rows[i] != rows[4 + i]);
    CHECK(rows[i] != others[i]);
  }
}

TEST_CASE("an image's views do not depend on the threads or on the batch round it") {
  Threads one(1), three(3);
  const std::vector<Index> batch{5, 17, 2, 99, 40, 41, 42};
  const auto rows = views(one, batch, sseg::Warp{}, 3);
  CHECK(views(three, batch, sseg::Warp{}, 3) == rows);
  const auto reordered = views(three, {42, 17, 5, 11}, sseg::Warp{}, 3);
  CHECK(reordered[0] == rows[6]);
  CHECK(reordered[4] == rows[7 + 6]);
  CHECK(reordered[1] == rows[1]);
  CHECK(reordered[4 + 1] == rows[7 + 1]);
  CHECK(reordered[2] == rows[0]);
  CHECK(reordered[4 + 2] == rows[7 + 0]);
}

TEST_CASE("one maker serves batches of any size, one after the other") {
  Threads threads(2);
  TwoViews maker;
  for (const std::size_t n : {3u, 8u, 1u}) {
    std::vector<Index> batch;
    for (std::size_t i = 0; i < n; ++i) batch.push_back(static_cast<Index>(10 + i));
    const auto x = maker.make(threads, Noise{}, batch, Same{}, Rng(1));
    REQUIRE(x.shape[0] == static_cast<Index>(2 * n));
    for (std::size_t i = 0; i < 2 * n; ++i) {
      const Picture expected = sseg_test::random_picture(image, 10 + i % n);
      const auto row = x.item(static_cast<Index>(i)).flat();
      CHECK(std::equal(row.begin(), row.end(), expected.value.begin()));
    }
  }
}

}  // namespace two_views_test

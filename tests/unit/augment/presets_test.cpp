#include "sseg/augment/presets.hpp"

#include <numeric>
#include <vector>

#include "sseg/augment/multi_crop.hpp"
#include "sseg/augment/two_views.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/augment/pictures.hpp"

namespace presets_test {

using sseg::Index;
using sseg::Rng;
using sseg::Shape;
using sseg::Threads;
using sseg::TwoViews;
using sseg::View;

namespace {

/// Pictures by their index.
struct Noise {
  Shape shape;
  Index size() const { return 1000; }
  sseg::ImageSpec spec() const { return {shape, 0, "noise"}; }
  Index read(Index i, View<float> out) const {
    Rng rng(static_cast<std::uint64_t>(i));
    for (float& v : out.flat()) v = rng.uniform();
    return -1;
  }
};

/// Both views of every image of the batch, by its index.
template <class A>
std::vector<std::vector<float>> views_of(int threads, const Noise& data, const std::vector<Index>& batch,
                                         const A& augment) {
  Threads workers(threads);
  TwoViews views;
  const View<const float> made = views.make(workers, data, batch, augment, Rng(7));
  const auto n = static_cast<Index>(batch.size());
  std::vector<std::vector<float>> out(1000);
  for (Index i = 0; i < n; ++i)
    for (const Index row : {i, n + i}) {
      const auto pixels = made.item(row).flat();
      auto& own = out[sseg::to_size(batch[sseg::to_size(i)])];
      own.insert(own.end(), pixels.begin(), pixels.end());
    }
  return out;
}

template <class A>
void same_for_any_order(const A& augment, Shape shape) {
  const Noise data{shape};
  const std::vector<Index> batch{5, 900, 17, 2, 640, 33, 8}, turned{8, 33, 640, 2, 17, 900, 5};
  const auto expected = views_of(1, data, batch, augment);
  for (const int threads : {1, 2, 5}) {
    CHECK(views_of(threads, data, batch, augment) == expected);
    CHECK(views_of(threads, data, turned, augment) == expected);
  }
  CHECK(views_of(2, data, {17}, augment)[17] == expected[17]);
}

template <class A>
void allocates_once(const A& augment, Shape shape) {
  const Noise data{shape};
  Threads one(1);
  TwoViews views;
  std::vector<Index> batch(200), other(200);
  std::iota(batch.begin(), batch.end(), Index{0});
  std::iota(other.begin(), other.end(), Index{200});
  views.make(one, data, batch, augment, Rng(1));
  const long before = malloc_count();
  views.make(one, data, other, augment, Rng(2));
  CHECK(malloc_count() == before);
}

}  // namespace

TEST_CASE("the presets give an image the same views for any threads, order and batch") {
  same_for_any_order(sseg::presets::drawings(14), {42, 42, 1});
  same_for_any_order(sseg::presets::small_photos(16), {16, 16, 3});
  same_for_any_order(sseg::presets::photos(20), {20, 24, 3});
  same_for_any_order(sseg::presets::curriculum(16), {16, 16, 3});
}

TEST_CASE("the presets allocate nothing once every step has run") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  allocates_once(sseg::presets::drawings(14), {42, 42, 1});
  allocates_once(sseg::presets::small_photos(16), {16, 16, 3});
  allocates_once(sseg::presets::photos(20), {20, 24, 3});
  allocates_once(sseg::presets::curriculum(16), {16, 16, 3});
}

TEST_CASE("presets end in the net's pictures, of any number of channels and source size") {
  CHECK(sseg::presets::drawings().out_shape({84, 84, 1}) == Shape{28, 28, 1});
  CHECK(sseg::presets::small_photos().out_shape({32, 32, 3}) == Shape{32, 32, 3});
  CHECK(sseg::presets::photos().out_shape({100, 84, 3}) == Shape{84, 84, 3});
  CHECK(sseg::presets::curriculum(64).out_shape({64, 64, 3}) == Shape{64, 64, 3});
}

TEST_CASE("what a preset says is data that can be changed, and off means off") {
  using namespace sseg;
  PhotoViews views = presets::photos(9);
  CHECK(views == presets::photos(9));
  std::get<RandomGeometry>(views.steps) = {.crop = {.side = 9, .scale_min = 1, .ratio_min = 1, .ratio_max = 1},
                                           .flip = {.horizontal = 0, .vertical = 0},
                                           .warp_probability = 0};
  std::get<ColorJitter>(views.steps).probability = 0;
  std::get<Grayscale>(views.steps).probability = 0;
  std::get<GaussianBlur>(views.steps).probability = 0;
  std::get<Solarize>(views.steps).probability = 0;
  CHECK(views != presets::photos(9));
  const auto in = sseg_test::random_picture({9, 9, 3}, 1);
  CHECK(sseg_test::augmented(views, in, 5) == in);
}

TEST_CASE("presets serve two global and many local crops") {
  using namespace sseg;
  auto small = presets::photos(10);
  std::get<RandomGeometry>(small.steps).crop.scale_max = 0.25f;
  const MultiCrop<PhotoViews> crops{{.global = 2, .local = 4}, presets::photos(16), small, presets::photos(16)};
  Threads threads(2);
  ViewSet set;
  const auto& views = set.make(threads, Noise{{20, 20, 3}}, std::vector<Index>{3, 4, 5}, crops.counts, crops.global,
                               crops.local, crops.clean, Rng(1));
  CHECK(views.global.shape == Shape{6, 16, 16, 3});
  CHECK(views.local.shape == Shape{12, 10, 10, 3});
}

}  // namespace presets_test

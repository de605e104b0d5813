#include "sseg/augment/random_resized_crop.hpp"

#include <algorithm>
#include <cmath>

#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace random_resized_crop_test {

using sseg::RandomResizedCrop;
using sseg::Rng;
using sseg::Shape;
using sseg::Window;
using sseg_test::augmented;
using sseg_test::Contains;
using sseg_test::Index;
using sseg_test::message_of;
using sseg_test::Picture;
using sseg_test::random_picture;

namespace {

/// The mean of a whole picture weighted by a two-dimensional tent round (y, x).
double tent(const Picture& p, double y, double x, double reach_y, double reach_x, Index c) {
  double sum = 0, total = 0;
  for (Index i = 0; i < p.shape[0]; ++i)
    for (Index j = 0; j < p.shape[1]; ++j) {
      const double w = std::max(0.0, 1 - std::abs(static_cast<double>(i) + 0.5 - y) / reach_y) *
                       std::max(0.0, 1 - std::abs(static_cast<double>(j) + 0.5 - x) / reach_x);
      sum += w * static_cast<double>(p.at(i, j, c)), total += w;
    }
  return sum / total;
}

}  // namespace

TEST_CASE("a crop is its window averaged by a tent, shrunk and enlarged") {
  for (const auto& [shape, side] : {std::pair{Shape{32, 32, 3}, Index{16}}, std::pair{Shape{13, 21, 1}, Index{9}},
                                    std::pair{Shape{11, 7, 2}, Index{18}}, std::pair{Shape{5, 5, 3}, Index{1}}}) {
    INFO(sseg::to_string(shape) << " to " << side);
    const RandomResizedCrop crop{.side = side, .scale_min = 0.1f, .scale_max = 1.f};
    const Picture in = random_picture(shape, 4);
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      Rng rng(seed);
      const Window window = crop.window(rng, shape);
      const double down = window.height / static_cast<double>(side), right = window.width / static_cast<double>(side);
      const Picture out = augmented(crop, in, seed);
      double most = 0;
      for (Index i = 0; i < side; ++i)
        for (Index j = 0; j < side; ++j)
          for (Index c = 0; c < shape[2]; ++c) {
            const double y = window.top + (static_cast<double>(i) + 0.5) * down;
            const double x = window.left + (static_cast<double>(j) + 0.5) * right;
            const double expected = tent(in, y, x, std::max(1.0, down), std::max(1.0, right), c);
            most = std::max(most, std::abs(static_cast<double>(out.at(i, j, c)) - expected));
          }
      CHECK(most < 2e-6);
    }
  }
}

TEST_CASE("windows lie inside, with areas and ratios spread over their limits") {
  const RandomResizedCrop crop{.scale_min = 0.1f, .scale_max = 0.3f};
  const Shape picture{40, 60, 3};
  constexpr int draws = 4000;
  double area_sum = 0, log_sum = 0, log_squares = 0, top_most = 0, left_most = 0;
  Rng rng(1);
  for (int i = 0; i < draws; ++i) {
    const Window w = crop.window(rng, picture);
    REQUIRE((w.top >= 0 && w.left >= 0 && w.top + w.height <= 40 + 1e-9 && w.left + w.width <= 60 + 1e-9));
    const double area = w.height * w.width / 2400, log_ratio = std::log(w.width / w.height);
    REQUIRE((area >= 0.1 - 1e-6 && area <= 0.3 + 1e-6));
    REQUIRE(std::abs(log_ratio) <= std::log(4.0 / 3) + 1e-6);
    area_sum += area, log_sum += log_ratio, log_squares += log_ratio * log_ratio;
    top_most = std::max(top_most, w.top / (40 - w.height)), left_most = std::max(left_most, w.left / (60 - w.width));
  }
  CHECK(area_sum / draws == Approx(0.2).margin(0.004));
  CHECK(log_sum / draws == Approx(0).margin(0.012));
  const double spread = 2 * std::log(4.0 / 3);
  CHECK(log_squares / draws == Approx(spread * spread / 12).epsilon(0.06));  // uniform in the logarithm
  CHECK((top_most > 0.99 && left_most > 0.99));
}

TEST_CASE("a window that cannot fit becomes the largest of an allowed ratio, in the middle") {
  const RandomResizedCrop whole{.scale_min = 1, .scale_max = 1};
  Rng rng(2);
  CHECK(whole.window(rng, {32, 32, 3}) == Window{0, 0, 32, 32});
  const Window wide = whole.window(rng, {30, 90, 1}), high = whole.window(rng, {90, 30, 1});
  CHECK((wide.top == 0 && wide.height == 30 && wide.width == Approx(40) && wide.left == Approx(25)));
  CHECK((high.left == 0 && high.width == 30 && high.height == Approx(40) && high.top == Approx(25)));
  const Picture in = random_picture({16, 16, 3}, 3);
  CHECK(augmented(RandomResizedCrop{.side = 16, .scale_min = 1, .scale_max = 1}, in, 5) == in);
}

TEST_CASE("a ratio is width by height") {
  Rng rng(4);
  for (int i = 0; i < 20; ++i) {
    const Window w =
        RandomResizedCrop{.scale_max = 0.3f, .ratio_min = 1.5f, .ratio_max = 1.5f}.window(rng, {32, 32, 3});
    CHECK(w.width / w.height == Approx(1.5));
  }
}

TEST_CASE("crops invent no values") {
  Picture in = random_picture({20, 20, 1}, 6);
  for (float& v : in.value) v = 0.3f + 0.4f * v;
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    for (const float v : augmented(RandomResizedCrop{.side = 14, .scale_min = 0.05f}, in, seed).value)
      REQUIRE((v > 0.3f - 1e-6f && v < 0.7f + 1e-6f));
}

TEST_CASE("a crop with limits out of order is refused") {
  const Picture in({8, 8, 1});
  const auto refusal = [&](const RandomResizedCrop& crop) {
    return message_of([&] {
      Rng rng(1);
      crop.window(rng, in.shape);
    });
  };
  CHECK(refusal({}).empty());
  for (const RandomResizedCrop& wrong :
       {RandomResizedCrop{.side = 0}, RandomResizedCrop{.scale_min = 0},
        RandomResizedCrop{.scale_min = 0.9f, .scale_max = 0.8f}, RandomResizedCrop{.scale_max = 1.1f},
        RandomResizedCrop{.ratio_min = 0}, RandomResizedCrop{.ratio_min = 2}})
    CHECK_THAT(refusal(wrong), Contains("out of range") && Contains("RandomResizedCrop"));
}

}  // namespace random_resized_crop_test

#include "sseg/data/resize.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace resize_test {

using sseg::Index;
using sseg::ResizeFilter;
using sseg::Shape;
using sseg::View;
using sseg::Window;
using sseg_test::Contains;

namespace {

std::vector<float> noise(const Shape& shape) {
  sseg::Rng rng(3);
  std::vector<float> image(sseg::to_size(shape.count()));
  for (float& v : image) v = rng.uniform();
  return image;
}

/// Value of a pixel, or 0 outside.
double pixel(const std::vector<float>& image, const Shape& s, Index y, Index x, Index c) {
  if (y < 0 || x < 0 || y >= s[0] || x >= s[1]) return 0;
  return static_cast<double>(image[sseg::to_size((y * s[1] + x) * s[2] + c)]);
}

/// The mean over the covered rectangle by brute force: a fine grid of samples at the middle of small cells. Exact when
/// the pixel edges fall on cell edges.
double sampled_area(const std::vector<float>& image, const Shape& s, const Window& cell, Index c, int samples) {
  double sum = 0;
  for (int i = 0; i < samples; ++i)
    for (int j = 0; j < samples; ++j) {
      const double y = cell.top + (i + 0.5) * cell.height / samples, x = cell.left + (j + 0.5) * cell.width / samples;
      sum += pixel(image, s, static_cast<Index>(std::floor(y)), static_cast<Index>(std::floor(x)), c);
    }
  return sum / (samples * samples);
}

/// Two-dimensional tent over all the pixels of the image, weights normalised together.
double tent(const std::vector<float>& image, const Shape& s, double y, double x, double ry, double rx, Index c) {
  double sum = 0, total = 0;
  for (Index i = 0; i < s[0]; ++i)
    for (Index j = 0; j < s[1]; ++j) {
      const double w = std::max(0.0, 1 - std::abs(static_cast<double>(i) + 0.5 - y) / ry) *
                       std::max(0.0, 1 - std::abs(static_cast<double>(j) + 0.5 - x) / rx);
      sum += w * pixel(image, s, i, j, c);
      total += w;
    }
  return sum / total;
}

struct Sizes {
  Shape in, out;
};

}  // namespace

TEST_CASE("area resize is the mean over the covered part") {
  const Sizes sizes = GENERATE(Sizes{{12, 12, 1}, {5, 5, 1}}, Sizes{{7, 6, 3}, {3, 4, 3}}, Sizes{{4, 3, 1}, {9, 7, 1}},
                               Sizes{{8, 8, 2}, {4, 4, 2}}, Sizes{{5, 1, 1}, {1, 5, 1}});
  const auto image = noise(sizes.in);
  std::vector<float> out(sseg::to_size(sizes.out.count()));
  sseg::resize({image.data(), sizes.in}, {out.data(), sizes.out}, ResizeFilter::area);
  const double h = static_cast<double>(sizes.in[0]) / static_cast<double>(sizes.out[0]);
  const double w = static_cast<double>(sizes.in[1]) / static_cast<double>(sizes.out[1]);
  const int samples = static_cast<int>(sizes.in[0] * sizes.in[1]);  // pixel edges fall between two samples
  for (Index y = 0; y < sizes.out[0]; ++y)
    for (Index x = 0; x < sizes.out[1]; ++x)
      for (Index c = 0; c < sizes.out[2]; ++c) {
        const Window cell{static_cast<double>(y) * h, static_cast<double>(x) * w, h, w};
        const auto got = static_cast<double>(out[sseg::to_size((y * sizes.out[1] + x) * sizes.out[2] + c)]);
        CHECK(got == Approx(sampled_area(image, sizes.in, cell, c, samples)).margin(1e-6));
      }
}

TEST_CASE("triangle resize is a normalised tent") {
  const Sizes sizes = GENERATE(Sizes{{12, 12, 1}, {5, 5, 1}}, Sizes{{7, 6, 3}, {3, 4, 3}}, Sizes{{4, 3, 1}, {9, 7, 1}});
  const auto image = noise(sizes.in);
  std::vector<float> out(sseg::to_size(sizes.out.count()));
  sseg::resize({image.data(), sizes.in}, {out.data(), sizes.out}, ResizeFilter::triangle);
  const double h = static_cast<double>(sizes.in[0]) / static_cast<double>(sizes.out[0]);
  const double w = static_cast<double>(sizes.in[1]) / static_cast<double>(sizes.out[1]);
  for (Index y = 0; y < sizes.out[0]; ++y)
    for (Index x = 0; x < sizes.out[1]; ++x)
      for (Index c = 0; c < sizes.out[2]; ++c) {
        const auto got = static_cast<double>(out[sseg::to_size((y * sizes.out[1] + x) * sizes.out[2] + c)]);
        const double expected = tent(image, sizes.in, (static_cast<double>(y) + 0.5) * h,
                                     (static_cast<double>(x) + 0.5) * w, std::max(1.0, h), std::max(1.0, w), c);
        CHECK(got == Approx(expected).margin(1e-6));
      }
}

TEST_CASE("constants stay, the same size copies, and area keeps the mean") {
  for (const auto filter : {ResizeFilter::area, ResizeFilter::triangle}) {
    const Shape in{11, 13, 1}, out{4, 29, 1};
    const std::vector<float> gray(sseg::to_size(in.count()), 0.7f);
    std::vector<float> result(sseg::to_size(out.count()));
    sseg::resize({gray.data(), in}, {result.data(), out}, filter);
    for (const float v : result) CHECK(v == Approx(0.7f));

    const auto image = noise(in);
    std::vector<float> copy(image.size());
    sseg::resize({image.data(), in}, {copy.data(), in}, filter);
    CHECK(copy == image);
  }
  const Shape in{105, 105, 1}, out{28, 28, 1};
  const auto image = noise(in);
  std::vector<float> result(sseg::to_size(out.count()));
  sseg::resize({image.data(), in}, {result.data(), out});
  const double before = std::accumulate(image.begin(), image.end(), 0.0) / static_cast<double>(image.size());
  const double after = std::accumulate(result.begin(), result.end(), 0.0) / static_cast<double>(result.size());
  CHECK(after == Approx(before).epsilon(1e-5));
}

TEST_CASE("a window may reach outside, where everything is zero") {
  const Shape shape{4, 4, 1};
  const auto image = noise(shape);
  std::vector<float> out(16);
  sseg::resize_window({image.data(), shape}, {1, -2, 4, 4}, {out.data(), shape});
  for (Index y = 0; y < 4; ++y)
    for (Index x = 0; x < 4; ++x)
      CHECK(static_cast<double>(out[sseg::to_size(4 * y + x)]) == pixel(image, shape, y + 1, x - 2, 0));
  for (const auto filter : {ResizeFilter::area, ResizeFilter::triangle}) {
    sseg::resize_window({image.data(), shape}, {50, 50, 4, 4}, {out.data(), shape}, filter);
    CHECK(out == std::vector<float>(16, 0.0f));
  }
  std::vector<float> wide(1);
  sseg::resize_window({image.data(), shape}, {-2, -2, 8, 8}, {wide.data(), {1, 1, 1}});
  CHECK(wide[0] == Approx(std::accumulate(image.begin(), image.end(), 0.0f) / 64));
}

TEST_CASE("shapes and windows that do not fit are refused") {
  using sseg_test::message_of;
  std::vector<float> v(16);
  const View<const float> in(v.data(), {4, 4, 1});
  CHECK_THAT(message_of([&] { sseg::resize(in, {v.data(), {2, 2, 3}}); }), Contains("(4, 4, 1) to (2, 2, 3)"));
  CHECK_THAT(message_of([&] { sseg::resize(in, {v.data(), {0, 2, 1}}); }), Contains("not empty"));
  CHECK_THAT(message_of([&] { sseg::resize(in, {v.data(), {4, 4}}); }), Contains("cannot resize"));
  CHECK_THAT(message_of([&] { sseg::resize_window(in, {0, 0, 0, 4}, {v.data(), {2, 2, 1}}); }), Contains("window"));
  CHECK_THAT(message_of([&] {
               sseg::resize_window(in, {std::nan(""), 0, 4, 4}, {v.data(), {2, 2, 1}});
             }),
             Contains("window"));
  CHECK_THAT(message_of([&] { sseg::resize_window(in, {0, 0, 1e30, 4}, {v.data(), {2, 2, 1}}); }), Contains("window"));
}

TEST_CASE("a crop averages over what there is, and never over the paper outside") {
  const Shape shape{6, 8, 2}, small{4, 3, 2};
  const auto image = noise(shape);
  std::vector<float> out(sseg::to_size(small.count()));
  const Window windows[] = {{0, 0, 6, 8}, {0, 0, 2.5, 1.2}, {3.25, 5.5, 2.75, 2.5}, {1.5, 2, 3, 4}};
  for (const Window& window : windows) {
    sseg::resize_crop({image.data(), shape}, window, {out.data(), small}, ResizeFilter::triangle);
    const double down = window.height / 4, right = window.width / 3;
    for (Index y = 0; y < 4; ++y)
      for (Index x = 0; x < 3; ++x)
        for (Index c = 0; c < 2; ++c) {
          const double expected =
              tent(image, shape, window.top + (static_cast<double>(y) + 0.5) * down,
                   window.left + (static_cast<double>(x) + 0.5) * right, std::max(1.0, down), std::max(1.0, right), c);
          const auto got = static_cast<double>(out[sseg::to_size((y * 3 + x) * 2 + c)]);
          CHECK(got == Approx(expected).margin(1e-6));
        }
  }
}

TEST_CASE("a crop that reaches outside is refused") {
  using sseg_test::message_of;
  std::vector<float> v(16);
  const View<const float> in(v.data(), {4, 4, 1});
  const View<float> out(v.data(), {2, 2, 1});
  for (const Window& wrong : {Window{-0.1, 0, 2, 2}, Window{0, 2.5, 2, 2}, Window{0, 0, 4.1, 2}, Window{0, 0, 0, 2},
                              Window{0, 0, 2, std::nan("")}, Window{std::nan(""), 0, 2, 2}})
    CHECK_THAT(message_of([&] { sseg::resize_crop(in, wrong, out); }), Contains("reaches outside"));
  CHECK_THAT(message_of([&] {
               sseg::resize_crop(in, {0, 0, 2, 2}, {v.data(), {2, 2, 3}});
             }),
             Contains("cannot resize"));
}

}  // namespace resize_test

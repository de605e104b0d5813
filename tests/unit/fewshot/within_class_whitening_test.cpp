#include "sseg/fewshot/within_class_whitening.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "sseg/augment/flip.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/data/images.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/net/reseat.hpp"
#include "support/catch.hpp"
#include "unit/io/message_of.hpp"

namespace within_class_whitening_test {

using namespace sseg;

namespace {

constexpr Index channels = 3, places = 2, dim = places * channels;

/// Pictures of two pixels of three channels.
Images pictures(Index n) {
  Images set{"random", {1, places, channels}, Buffer<float>(n * dim), {}, {}, {}, {}};
  Rng rng(1);
  for (float& v : set.pixels) v = rng.uniform();
  return set;
}

/// Adds noise of its own size to each channel, and much of it to the sum of the first two.
struct Noise {
  bool operator==(const Noise&) const = default;
  Shape out_shape(Shape in) const { return in; }
  void operator()(Rng& rng, View<const float> in, View<float> out) const {
    for (Index p = 0; p < places; ++p) {
      const float both = 2 * rng.normal();
      const float own[channels] = {both + 0.1f * rng.normal(), both + 0.2f * rng.normal(), 0.5f * rng.normal()};
      for (Index c = 0; c < channels; ++c) out.data[p * channels + c] = in.data[p * channels + c] + own[c];
    }
  }
};

template <class A>
std::vector<float> whitening(int threads, const Images& set, const A& augment, const WhiteningConfig& config,
                             Index of = channels) {
  Cpu backend(threads);
  const Flatten net;
  return within_class_whitening(backend, net, make_store<float>(net, 0, Rng(1)), set, augment, of, config, Rng(7));
}

/// S over all views and places, in double, from the views that the whitening sees.
std::vector<double> covariance(const Images& set, Index views) {
  std::vector<double> s(channels * channels, 0.0);
  for (Index i = 0; i < set.size(); ++i) {
    std::vector<std::vector<float>> x;
    for (Index v = 0; v < views; ++v) {
      x.emplace_back(to_size(dim));
      Rng draw = Rng(7).split(static_cast<std::uint64_t>(i)).split(static_cast<std::uint64_t>(v));
      Noise{}(draw, set.image(i), {x.back().data(), set.shape});
    }
    for (std::size_t p = 0; p < places; ++p)
      for (std::size_t a = 0; a < channels; ++a)
        for (std::size_t b = 0; b < channels; ++b) {
          double mean_a = 0, mean_b = 0;
          for (const auto& one : x) {
            mean_a += static_cast<double>(one[p * channels + a]) / static_cast<double>(views);
            mean_b += static_cast<double>(one[p * channels + b]) / static_cast<double>(views);
          }
          for (const auto& one : x)
            s[a * channels + b] += (static_cast<double>(one[p * channels + a]) - mean_a) *
                                   (static_cast<double>(one[p * channels + b]) - mean_b);
        }
  }
  return s;
}

/// W·(S + shrinkage·tr(S)/C·1)·Wᵀ
std::vector<double> whitened_covariance(const std::vector<float>& w, std::vector<double> s, double shrinkage) {
  const double each = shrinkage * (s[0] + s[4] + s[8]) / 3;
  for (std::size_t c = 0; c < channels; ++c) s[c * channels + c] += each;
  std::vector<double> out(channels * channels, 0.0);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t a = 0; a < 3; ++a)
        for (std::size_t b = 0; b < 3; ++b)
          out[i * 3 + j] += static_cast<double>(w[i * 3 + a]) * s[a * 3 + b] * static_cast<double>(w[j * 3 + b]);
  return out;
}

}  // namespace

TEST_CASE("after whitening, distorted views of one image vary alike in all directions") {
  for (const Index n : {Index{5}, Index{300}}) {
    const Images set = pictures(n);
    const WhiteningConfig config{.images = n, .views = 3, .shrinkage = 0.05f};
    const auto w = whitening(2, set, Noise{}, config);
    REQUIRE(w.size() == 9);
    CHECK((w[1] == 0 && w[2] == 0 && w[5] == 0));
    const auto one = whitened_covariance(w, covariance(set, 3), static_cast<double>(config.shrinkage));
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j) CHECK(one[i * 3 + j] / one[0] == Approx(i == j ? 1 : 0).margin(1e-4));
    CHECK(whitening(1, set, Noise{}, config) == w);
  }
}

TEST_CASE("more shrinkage brings the whitening nearer to a multiple of the identity") {
  const Images set = pictures(50);
  const auto tilt = [&](float shrinkage) {
    const auto w = whitening(1, set, Noise{}, {.images = 50, .views = 3, .shrinkage = shrinkage});
    return static_cast<double>(w[8] / w[0]);  // channel 2 varies least of all
  };
  CHECK(tilt(1e-3f) > 2);
  CHECK(tilt(1.f) < tilt(1e-3f));
  CHECK(tilt(1e5f) == Approx(1).margin(1e-3));
}

TEST_CASE("a net that tells no view of an image from another is left as it is") {
  for (const Index views : {2, 3, 5, 8}) {
    const auto w = whitening(1, pictures(40), Flip{0, 0}, {.images = 40, .views = views});
    CHECK(w == std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  }
}

TEST_CASE("as many images as wanted are looked at, evenly spaced") {
  const Images all = pictures(10);
  const WhiteningConfig four{.images = 4, .views = 3};
  CHECK(whitening(1, all, Noise{}, four) == whitening(1, all.subset({0, 2, 5, 7}), Noise{}, four));
  CHECK(whitening(1, all, Noise{}, {.images = 99, .views = 3}) ==
        whitening(1, all, Noise{}, {.images = 10, .views = 3}));
}

TEST_CASE("what cannot be whitened is refused in words") {
  const auto message = [](const Images& set, const WhiteningConfig& config, Index of = channels) {
    return sseg_test::message_of([&] { whitening(1, set, Noise{}, config, of); });
  };
  CHECK(message(pictures(4), {.views = 1}).find("make no sense") != std::string::npos);
  CHECK(message(pictures(4), {.shrinkage = 0}).find("make no sense") != std::string::npos);
  CHECK(message(pictures(4), {.images = 0}).find("nothing to whiten") != std::string::npos);
  CHECK(message(pictures(0), {}).find("nothing to whiten") != std::string::npos);
  CHECK(message(pictures(4), {}, 4).find("no map of this many channels") != std::string::npos);
  Images broken = pictures(4);
  broken.pixels[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK(message(broken, {}).find("not finite") != std::string::npos);
}

}  // namespace within_class_whitening_test

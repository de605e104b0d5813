#include "sseg/fewshot/instance_probe.hpp"

#include <algorithm>

#include "sseg/augment/erase.hpp"
#include "sseg/augment/warp.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/net/reseat.hpp"
#include "support/catch.hpp"

namespace instance_probe_test {

using sseg::Images;
using sseg::Index;
using sseg::InstanceProbe;
using sseg::Rng;

namespace {

constexpr sseg::Erase nothing{.probability = 0};

Images random_images(Index n) {
  Images set{"random", {9, 9, 1}, sseg::Buffer<float>(n * 81), {}, {}, {}, {}};
  Rng rng(1);
  for (float& v : set.pixels) v = rng.uniform();
  return set;
}

template <class Net>
double measure(const InstanceProbe& probe, const Net& net) {
  sseg::Reference<float> backend;
  return probe.measure(backend, net, sseg::make_store<float>(net, 0, Rng(1)));
}

/// The picture or its negative, round a mean of 0.
struct Negative {
  bool operator==(const Negative&) const = default;
  constexpr sseg::Shape out_shape(sseg::Shape s) const { return s; }
  void operator()(Rng& rng, sseg::View<const float> in, sseg::View<float> out) const {
    const float sign = rng.uniform() < 0.5f ? 1.f : -1.f;
    std::transform(in.data, in.data + in.shape.count(), out.data, [&](float v) { return sign * (v - 0.5f); });
  }
};

}  // namespace

TEST_CASE("features that keep everything find every unchanged image") {
  const InstanceProbe probe(random_images(40), nothing, Rng(2));
  CHECK(probe.size() == 40);
  CHECK(measure(probe, sseg::Flatten{}) == 1.0);
}

TEST_CASE("the length of a feature does not matter") {
  Images set = random_images(40);
  for (Index i = 0; i < set.size(); ++i)
    for (float& v : set.image(i).flat()) v *= 0.01f * static_cast<float>(1 + i);
  CHECK(measure(InstanceProbe(set, nothing, Rng(2)), sseg::Flatten{}) == 1.0);
}

TEST_CASE("features that are all alike find one image") {
  // One number an image, of one sign: all cosines are 1, and ties go to the lowest image.
  CHECK(measure(InstanceProbe(random_images(40), nothing, Rng(2)), sseg::GlobalPool{}) <= 0.2);
  Images same = random_images(40);
  for (float& v : same.pixels) v = 0.5f;
  CHECK(measure(InstanceProbe(same, nothing, Rng(2)), sseg::Flatten{}) == Approx(1.0 / 40));
}

TEST_CASE("views of opposite sign are not found, the others are") {
  const double share = measure(InstanceProbe(random_images(200), Negative{}, Rng(3)), sseg::Flatten{});
  CHECK(share == Approx(0.5).margin(0.12));
}

TEST_CASE("the views are fixed by the stream, and stay") {
  const Images set = random_images(60);
  const sseg::Warp strong{.rotate = 60, .scale = 0.5f, .translate = 0.3f};
  const InstanceProbe probe(set, strong, Rng(4)), again(set, strong, Rng(4));
  const double first = measure(probe, sseg::Flatten{});
  CHECK((first > 0 && first < 1));
  CHECK(measure(probe, sseg::Flatten{}) == first);
  CHECK(measure(again, sseg::Flatten{}) == first);
}

TEST_CASE("a probe without images measures nothing") {
  CHECK(measure(InstanceProbe(random_images(0), nothing, Rng(2)), sseg::Flatten{}) == 0);
}

}  // namespace instance_probe_test

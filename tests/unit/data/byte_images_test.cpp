#include "sseg/data/byte_images.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace byte_images_test {

using sseg::ByteImages;
using sseg::Index;

namespace {

/// Two pictures of 1×2×3 that hold 0, 50, … 250 and 255, 205, … 5.
ByteImages two() {
  ByteImages set{"two", {1, 2, 3}, sseg::Buffer<std::uint8_t>(12), {1, 0}, {0, 0}, {"a", "b"}, {"all"}};
  for (Index i = 0; i < 6; ++i) {
    set.pixels[i] = static_cast<std::uint8_t>(50 * i);
    set.pixels[6 + i] = static_cast<std::uint8_t>(255 - 50 * i);
  }
  return set;
}

}  // namespace

TEST_CASE("pictures of bytes read as 255ths, with their labels") {
  ByteImages set = two();
  CHECK(set.size() == 2);
  CHECK(set.spec().classes == 2);
  CHECK(ByteImages{}.size() == 0);
  std::vector<float> out(6);
  CHECK(set.read(1, {out.data(), set.shape}) == 0);
  for (Index i = 0; i < 6; ++i) CHECK(out[sseg::to_size(i)] == static_cast<float>(255 - 50 * i) / 255.f);
  set.label.clear();
  CHECK(set.read(0, {out.data(), set.shape}) == -1);
}

TEST_CASE("pictures of bytes become the same pictures of floats") {
  const ByteImages set = two();
  const sseg::Images floats = sseg::to_float(set);
  REQUIRE(floats.pixels.size() == 12);
  for (Index i = 0; i < 12; ++i) CHECK(floats.pixels[i] == static_cast<float>(set.pixels[i]) / 255.f);
  CHECK(floats.name == set.name);
  CHECK(floats.shape == set.shape);
  CHECK(floats.label == set.label);
  CHECK(floats.group == set.group);
  CHECK(floats.classes == set.classes);
  CHECK(floats.groups == set.groups);
}

TEST_CASE("a value becomes the nearest byte, and comes back from it") {
  for (int v = 0; v < 256; ++v) {
    const auto byte = static_cast<std::uint8_t>(v);
    float x = 0;
    sseg::to_unit_values(&byte, 1, &x);
    CHECK(sseg::to_byte(x) == byte);
  }
  CHECK(sseg::to_byte(-0.2f) == 0);
  CHECK(sseg::to_byte(1.7f) == 255);
  CHECK(sseg::to_byte(std::numeric_limits<float>::quiet_NaN()) == 0);
  CHECK(sseg::to_byte(std::numeric_limits<float>::infinity()) == 255);
  CHECK(sseg::to_byte(0.4999f / 255) == 0);
  CHECK(sseg::to_byte(0.5001f / 255) == 1);
}

}  // namespace byte_images_test

#include "sseg/data/in_memory.hpp"

#include <cmath>
#include <string>
#include <vector>
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace in_memory_test {

using sseg::ByteImages;
using sseg::Images;
using sseg::images_from;
using sseg::Index;
using sseg_test::Contains;
using sseg_test::message_of;

TEST_CASE("arrays of floats and bytes become data sets") {
  xt::xtensor<float, 4> floats({2, 2, 3, 3});
  for (std::size_t i = 0; i < floats.size(); ++i) floats.flat(i) = static_cast<float>(i) / 64;
  const Images images = images_from(floats, {"mine", {1, 0}, {"cat", "dog"}});
  CHECK(images.name == "mine");
  CHECK(images.shape == sseg::Shape{2, 3, 3});
  REQUIRE(images.size() == 2);
  CHECK(images.image(1).data[5] == floats(1, 0, 1, 2));
  CHECK(images.label == std::vector<Index>{1, 0});
  CHECK(images.classes == std::vector<std::string>{"cat", "dog"});

  const xt::xarray<std::uint8_t> gray{{{1, 2}, {3, 4}}, {{5, 6}, {7, 255}}};
  const ByteImages bytes = images_from(gray, {.label = {0, 2}});
  CHECK(bytes.shape == sseg::Shape{2, 2, 1});
  CHECK(bytes.size() == 2);
  CHECK(bytes.image(1).data[3] == 255);
  CHECK(bytes.classes == std::vector<std::string>{"0", "1", "2"});
  CHECK(images_from(gray).label.empty());
}

TEST_CASE("an array of any layout gives its pictures row by row") {
  const xt::xarray<std::uint8_t, xt::layout_type::column_major> columns{{{1, 2}, {3, 4}}};
  const ByteImages images = images_from(columns);
  CHECK(std::vector<int>(images.pixels.begin(), images.pixels.end()) == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("an array that is no set of pictures is refused") {
  CHECK_THAT(message_of([] { images_from(xt::xarray<float>::from_shape({3, 3})); }), Contains("an array of 2 axes"));
  CHECK_THAT(message_of([] { images_from(xt::xarray<float>::from_shape({0, 3, 3})); }), Contains("0 values"));
  for (const float bad : {-0.1f, 1.5f, 255.f, std::nanf("")}) {
    xt::xarray<float> one = xt::zeros<float>({2, 2, 2});
    one(1, 0, 1) = bad;
    CHECK_THAT(message_of([&] { images_from(one); }), Contains("picture 1 has the value"));
  }
  const xt::xarray<std::uint8_t> two = xt::zeros<std::uint8_t>({2, 1, 1});
  CHECK_THAT(message_of([&] { images_from(two, {.label = {1}}); }), Contains("2 pictures, but 1 labels"));
  CHECK_THAT(message_of([&] { images_from(two, {.label = {0, -1}}); }), Contains("the label -1"));
  CHECK_THAT(message_of([&] {
               images_from(two, {.label = {0, 1}, .classes = {"a"}});
             }),
             Contains("the label 1 is none of 0 to 0"));
  CHECK_THAT(message_of([&] { images_from(two, {.label = {0, Index{1} << 40}}); }), Contains("is none of"));
}

}  // namespace in_memory_test

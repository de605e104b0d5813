#include "sseg/io/decode_picture.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/encode_jpeg.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace decode_picture_test {

using sseg::decode_picture;
using sseg::Picture;
using sseg_test::Contains;
using sseg_test::message_of;

TEST_CASE("a picture of any kind is known by its first bytes") {
  const Picture colour{1, 2, 3, {255, 0, 0, 9, 9, 9}}, gray{1, 2, 1, {7, 8}};
  CHECK(decode_picture(sseg::encode_png(colour), "t") == colour);
  CHECK(decode_picture(sseg::encode_pnm(colour), "t") == colour);
  CHECK(decode_picture(sseg_test::encode_jpeg(gray), "t").channels == 1);
  CHECK(decode_picture(sseg_test::encode_jpeg(colour), "t").channels == 3);
}

TEST_CASE("gray is made from colour alike for every kind") {
  const Picture colour{1, 2, 3, {255, 0, 0, 9, 9, 9}}, gray{1, 2, 1, {76, 9}};
  CHECK(decode_picture(sseg::encode_png(colour), "t", {1}) == gray);
  CHECK(decode_picture(sseg::encode_pnm(colour), "t", {1}) == gray);
  CHECK(decode_picture(sseg::encode_png(gray), "t", {3}) == Picture{1, 2, 3, {76, 76, 76, 9, 9, 9}});
}

TEST_CASE("what is no picture or over the limit is an error that names it") {
  for (const std::string bytes : {"", "P", "P9 1 1", "GIF89a", "\xff\xd8"})
    CHECK_THAT(message_of([&] { decode_picture(bytes, "a.gif"); }), Contains("not a picture") && Contains("a.gif"));
  const Picture picture{2, 2, 1, {1, 2, 3, 4}};
  for (const auto& bytes : {sseg::encode_png(picture), sseg::encode_pnm(picture), sseg_test::encode_jpeg(picture)})
    CHECK_THAT(message_of([&] { decode_picture(bytes, "a", {0, 3}); }), Contains("limit of 3"));
  CHECK_THAT(message_of([&] { decode_picture(sseg::encode_pnm(picture), "a", {2}); }), Contains("not 2"));
}

}  // namespace decode_picture_test

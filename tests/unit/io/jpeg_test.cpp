#include "sseg/io/jpeg.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "support/catch.hpp"
#include "support/encode_jpeg.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace jpeg_test {

using sseg::decode_jpeg;
using sseg::Index;
using sseg::Picture;
using sseg_test::Contains;
using sseg_test::encode_jpeg;
using sseg_test::message_of;

namespace {

/// A smooth picture, which a JPEG keeps well.
Picture ramp(Index height, Index width, Index channels) {
  Picture picture{height, width, channels, {}};
  for (Index y = 0; y < height; ++y)
    for (Index x = 0; x < width; ++x)
      for (Index c = 0; c < channels; ++c) picture.bytes.push_back(static_cast<std::uint8_t>(4 * x + 3 * y + 20 * c));
  return picture;
}

/// The largest difference of a byte, or 999 for other sizes.
int difference(const Picture& a, const Picture& b) {
  if (a.height != b.height || a.width != b.width || a.channels != b.channels || a.bytes.size() != b.bytes.size())
    return 999;
  int most = 0;
  for (std::size_t i = 0; i < a.bytes.size(); ++i) most = std::max(most, std::abs(a.bytes[i] - b.bytes[i]));
  return most;
}

/// The place of the frame header's height in a JPEG.
std::size_t height_at(const std::string& jpeg) {
  for (std::size_t i = 2; i + 9 < jpeg.size();) {
    const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(jpeg[k]); };
    if (byte(i + 1) >= 0xc0 && byte(i + 1) <= 0xc2) return i + 5;
    i += 2 + 256u * byte(i + 2) + byte(i + 3);
  }
  return 0;
}

}  // namespace

TEST_CASE("a picture survives a JPEG nearly") {
  for (const bool progressive : {false, true}) {
    CHECK(difference(decode_jpeg(encode_jpeg(ramp(17, 30, 1), {95, progressive}), "t"), ramp(17, 30, 1)) <= 4);
    CHECK(difference(decode_jpeg(encode_jpeg(ramp(17, 30, 3), {95, progressive}), "t"), ramp(17, 30, 3)) <= 8);
  }
  CHECK(difference(decode_jpeg(encode_jpeg(ramp(1, 1, 1)), "t"), ramp(1, 1, 1)) <= 2);
}

TEST_CASE("a JPEG becomes gray or colour as asked") {
  const Picture gray = decode_jpeg(encode_jpeg(ramp(9, 9, 1)), "t", {3});
  CHECK(difference(gray, sseg::with_channels(ramp(9, 9, 1), 3)) <= 4);
  const Picture from_colour = decode_jpeg(encode_jpeg(ramp(9, 9, 3)), "t", {1});
  CHECK(difference(from_colour, sseg::with_channels(ramp(9, 9, 3), 1)) <= 6);
  CHECK_THAT(message_of([] { decode_jpeg("", "a.jpg", {2}); }), Contains("1 or 3 channels, not 2"));
}

TEST_CASE("a JPEG of four inks becomes colour") {
  Picture inks{8, 8, 4, {}}, light{8, 8, 4, {}};
  for (int i = 0; i < 64; ++i)
    for (const int ink : {255, 0, 51, 102}) {
      inks.bytes.push_back(static_cast<std::uint8_t>(ink));
      light.bytes.push_back(static_cast<std::uint8_t>(255 - ink));
    }
  Picture expected{8, 8, 3, {}};
  for (int i = 0; i < 64; ++i)
    for (const int value : {0, 153, 122}) expected.bytes.push_back(static_cast<std::uint8_t>(value));
  CHECK(difference(decode_jpeg(encode_jpeg(inks, {95, false, false}), "t"), expected) <= 4);
  CHECK(difference(decode_jpeg(encode_jpeg(light, {95, false, true}), "t"), expected) <= 4);
}

TEST_CASE("a JPEG beyond the limit is refused before it is unpacked") {
  std::string bytes = encode_jpeg(ramp(10, 10, 1));
  CHECK(message_of([&] { decode_jpeg(bytes, "a.jpg", {0, 100}); }).empty());
  CHECK_THAT(message_of([&] {
               decode_jpeg(bytes, "a.jpg", {0, 99});
             }),
             Contains("10 x 10") && Contains("limit of 99") && Contains("a.jpg"));
  const auto at = height_at(bytes);
  REQUIRE(at != 0);
  bytes.replace(at, 4, "\xff\xdc\xff\xdc");  // 65500, the largest side that libjpeg takes
  CHECK_THAT(message_of([&] { decode_jpeg(bytes, "a.jpg"); }), Contains("65500 x 65500"));
}

TEST_CASE("what is no JPEG or truncated anywhere is an error") {
  CHECK_THAT(message_of([] { decode_jpeg("", "a.jpg"); }), Contains("not a readable JPEG") && Contains("a.jpg"));
  CHECK_THAT(message_of([] { decode_jpeg("GIF89a, not a JPEG", "a.jpg"); }), Contains("not a readable JPEG"));
  for (const bool progressive : {false, true}) {
    const std::string bytes = encode_jpeg(ramp(40, 33, 3), {90, progressive});
    for (std::size_t n = 0; n < bytes.size(); ++n)
      CHECK_THAT(message_of([&] { decode_jpeg(bytes.substr(0, n), "a.jpg"); }), Contains("not a readable JPEG"));
    CHECK(message_of([&] { decode_jpeg(bytes + "trailing", "a.jpg"); }).empty());
  }
}

TEST_CASE("a JPEG with any bit flipped does no harm") {
  for (const bool progressive : {false, true}) {
    const std::string bytes = encode_jpeg(ramp(17, 16, 3), {60, progressive});
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      CHECK(sseg_test::ends_well([&] { decode_jpeg(flipped, "a.jpg", {0, 1 << 16}); }));
    }
  }
}

TEST_CASE("a JPEG of very many scans is refused") {
  const std::string bytes = encode_jpeg(ramp(16, 16, 1), {90, false, true, true});
  const auto second = bytes.rfind("\xff\xda"), end = bytes.size() - 2;
  REQUIRE(second != std::string::npos);
  const auto with_scans = [&](int count) {  // the second scan count - 1 times
    std::string many = bytes.substr(0, second);
    for (int i = 1; i < count; ++i) many += bytes.substr(second, end - second);
    return many + bytes.substr(end);
  };
  CHECK(decode_jpeg(with_scans(100), "a.jpg") == decode_jpeg(bytes, "a.jpg"));
  CHECK_THAT(message_of([&] { decode_jpeg(with_scans(101), "a.jpg"); }), Contains("more than 100 scans"));
}

}  // namespace jpeg_test

#include "sseg/io/png.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace png_test {

using sseg::Index;
using sseg::Picture;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

Picture noise(Index height, Index width, Index channels) {
  Picture picture{height, width, channels, {}};
  sseg::Rng rng(7);
  for (Index i = 0; i < height * width * channels; ++i)
    picture.bytes.push_back(static_cast<std::uint8_t>(rng.below(256)));
  return picture;
}

/// Writes a PNG of any bit depth and colour type with the full interface of libpng. `rows` are packed as the file has
/// them; palette entry i is (10 i, 20 i, 30 i).
std::string raw_png(Index height, Index width, int bits, int type, std::vector<std::uint8_t> rows) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  const auto write = [](png_structp p, png_bytep data, png_size_t n) {
    static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<const char*>(data), n);
  };
  png_set_write_fn(png, &out, write, [](png_structp) {});
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), bits, type,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  std::vector<png_color> palette;
  for (int i = 0; i < 4; ++i)
    palette.push_back({static_cast<png_byte>(10 * i), static_cast<png_byte>(20 * i), static_cast<png_byte>(30 * i)});
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette.data(), 4);
  png_write_info(png, info);
  const auto row_bytes = png_get_rowbytes(png, info);
  for (Index y = 0; y < height; ++y) png_write_row(png, rows.data() + static_cast<std::size_t>(y) * row_bytes);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

}  // namespace

TEST_CASE("a PNG that claims 2^31 pixels is refused by name, without memory for them") {
  const auto claiming = [](std::string sides, const std::string& sum) {
    std::string png = sseg::encode_png(noise(1, 1, 1));
    png.replace(16, 8, sides);
    return png.replace(29, 4, sum);
  };
  const auto refused = [](const std::string& png) {
    malloc_largest();
    const std::string message = message_of([&] { sseg::decode_png(png, "liar.png"); });
    CHECK(malloc_largest() < 1 << 20);
    CHECK_THAT(message, Contains("liar.png"));
    return message;
  };
  // 65536 x 32768 pixels, and 1 row of 2^31 - 1, with the sums that such headers have.
  CHECK_THAT(refused(claiming(std::string("\0\0\x80\0\0\1\0\0", 8), "\xa5\xab\x16\xcf")),
             Contains("claims 65536 x 32768 pixels"));
  CHECK_THAT(refused(claiming(std::string("\x7f\xff\xff\xff\0\0\0\1", 8), "\x85\x5d\x6c\x01")),
             Contains("not a readable PNG"));
}

TEST_CASE("a picture survives a PNG") {
  for (const Index channels : {1, 3})
    for (const Index side : {1, 2, 17}) {
      const Picture picture = noise(side, side + 3, channels);
      CHECK(sseg::decode_png(sseg::encode_png(picture), "test") == picture);
    }
}

TEST_CASE("gray and colour convert into each other") {
  const Picture gray{1, 2, 1, {9, 200}};
  CHECK(sseg::decode_png(sseg::encode_png(gray), "test", {3}) == Picture{1, 2, 3, {9, 9, 9, 200, 200, 200}});
  const Picture colour{1, 2, 3, {9, 9, 9, 200, 200, 200}};
  CHECK(sseg::decode_png(sseg::encode_png(colour), "test", {1}) == gray);
}

TEST_CASE("every depth and kind of PNG is brought to 8 bits") {
  using sseg::decode_png;
  CHECK(decode_png(raw_png(1, 3, 1, PNG_COLOR_TYPE_GRAY, {0b10100000}), "t") == Picture{1, 3, 1, {255, 0, 255}});
  CHECK(decode_png(raw_png(1, 3, 2, PNG_COLOR_TYPE_GRAY, {0b00011000}), "t") == Picture{1, 3, 1, {0, 85, 170}});
  CHECK(decode_png(raw_png(1, 2, 16, PNG_COLOR_TYPE_GRAY, {255, 255, 128, 128}), "t") == Picture{1, 2, 1, {255, 128}});
  CHECK(decode_png(raw_png(1, 2, 2, PNG_COLOR_TYPE_PALETTE, {0b11010000}), "t") ==
        Picture{1, 2, 3, {30, 60, 90, 10, 20, 30}});
  CHECK(decode_png(raw_png(1, 2, 8, PNG_COLOR_TYPE_GRAY_ALPHA, {7, 255, 7, 0}), "t") == Picture{1, 2, 1, {7, 255}});
}

TEST_CASE("a PNG beyond the limit is refused before it is unpacked") {
  const std::string bytes = sseg::encode_png(noise(10, 10, 1));
  CHECK(message_of([&] { sseg::decode_png(bytes, "a.png", {0, 100}); }).empty());
  CHECK_THAT(message_of([&] {
               sseg::decode_png(bytes, "a.png", {0, 99});
             }),
             Contains("10 x 10") && Contains("limit of 99") && Contains("a.png"));
}

TEST_CASE("what is no PNG, truncated or damaged is an error") {
  const std::string bytes = sseg::encode_png(noise(9, 9, 1));
  CHECK_THAT(message_of([] { sseg::decode_png("", "a.png"); }), Contains("not a readable PNG") && Contains("a.png"));
  CHECK_THAT(message_of([] { sseg::decode_png("GIF89a, not a PNG", "a.png"); }), Contains("not a readable PNG"));
  for (std::size_t n = 0; n + 12 < bytes.size(); ++n)  // 12: the end chunk, which holds nothing
    CHECK_FALSE(message_of([&] { sseg::decode_png(bytes.substr(0, n), "a.png"); }).empty());
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CHECK(sseg_test::ends_well([&] { sseg::decode_png(flipped, "a.png", {0, 1 << 16}); }));
  }
}

TEST_CASE("what no PNG can hold is not encoded") {
  CHECK_THAT(message_of([] { sseg::encode_png({2, 2, 1, {1, 2, 3}}); }), Contains("3 bytes"));
  CHECK_THAT(message_of([] { sseg::encode_png({1, 1, 2, {1, 2}}); }), Contains("1 or 3 channels"));
  CHECK_THAT(message_of([] { sseg::encode_png({0, 0, 1, {}}); }), Contains("not a picture"));
  CHECK_THAT(message_of([] { sseg::encode_png({Index{1} << 40, Index{1} << 40, 1, {}}); }), Contains("not a picture"));
}

}  // namespace png_test

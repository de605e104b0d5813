#include "sseg/io/pnm.hpp"

#include <cstdint>
#include <string>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace pnm_test {

using sseg::decode_pnm;
using sseg::encode_pnm;
using sseg::Index;
using sseg::Picture;
using sseg_test::Contains;
using sseg_test::message_of;

using namespace std::string_literals;

TEST_CASE("every kind of PNM is read") {
  CHECK(decode_pnm("P1 3 2 101\n0 1 0", "t") == Picture{2, 3, 1, {0, 255, 0, 255, 0, 255}});
  CHECK(decode_pnm("P2\n2 1\n4\n0 3\n", "t") == Picture{1, 2, 1, {0, 191}});
  CHECK(decode_pnm("P3 1 2 255 1 2 3 4 5 6", "t") == Picture{2, 1, 3, {1, 2, 3, 4, 5, 6}});
  CHECK(decode_pnm("P4 9 2\n\xa5\x80\x00\x7f"s, "t") ==
        Picture{2, 9, 1, {0, 255, 0, 255, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255}});
  CHECK(decode_pnm("P5 2 1 255\n\x07\xff", "t") == Picture{1, 2, 1, {7, 255}});
  CHECK(decode_pnm("P6 1 1 255\n\n\x01 ", "t") == Picture{1, 1, 3, {10, 1, 32}});
  CHECK(decode_pnm("P5 2 1 65535\n\xff\xff\x80\x80", "t") == Picture{1, 2, 1, {255, 128}});
  CHECK(decode_pnm("P5 2 1 1\n\x00\x01"s, "t") == Picture{1, 2, 1, {0, 255}});
}

TEST_CASE("comments may stand in the header of a PNM") {
  CHECK(decode_pnm("P5\n# made by hand 9 9\n1 # one\n#two\n2\n255\n\x01\x02", "t") == Picture{2, 1, 1, {1, 2}});
  CHECK(decode_pnm("P5#x\n1 1#y\n255\n#", "t") == Picture{1, 1, 1, {'#'}});
}

TEST_CASE("a picture survives a PNM") {
  const Picture gray{1, 3, 1, {0, 9, 255}}, colour{2, 1, 3, {1, 2, 3, 250, 251, 252}};
  CHECK(decode_pnm(encode_pnm(gray), "t") == gray);
  CHECK(decode_pnm(encode_pnm(colour), "t") == colour);
  CHECK(decode_pnm(encode_pnm(gray), "t", {3}) == Picture{1, 3, 3, {0, 0, 0, 9, 9, 9, 255, 255, 255}});
  CHECK(decode_pnm(encode_pnm(Picture{1, 2, 3, {255, 0, 0, 0, 0, 255}}), "t", {1}) == Picture{1, 2, 1, {76, 29}});
  CHECK_THAT(message_of([] { encode_pnm({2, 2, 1, {1}}); }), Contains("1 bytes"));
  CHECK_THAT(message_of([] { encode_pnm({1, 1, 2, {1, 2}}); }), Contains("1 or 3 channels"));
  CHECK_THAT(message_of([] { decode_pnm("P5 1 1 255\n1", "t", {4}); }), Contains("1 or 3 channels, not 4"));
}

TEST_CASE("a PNM whose header lies is refused before anything is allocated") {
  CHECK_THAT(message_of([] { decode_pnm("P5 65536 32768 255\n123", "a.pgm"); }),
             Contains("32768 x 65536") && Contains("limit") && Contains("a.pgm"));
  CHECK_THAT(message_of([] { decode_pnm("P5 999999999 999999999 255\n1", "t"); }), Contains("limit"));
  CHECK_THAT(message_of([] { decode_pnm("P5 9999999999 1 255\n1", "t"); }), Contains("more than nine digits"));
  CHECK_THAT(message_of([] { decode_pnm("P6 8000 8000 255\n1", "t"); }), Contains("truncated"));
  CHECK_THAT(message_of([] { decode_pnm("P1 8000 8000 1", "t"); }), Contains("truncated"));
  CHECK_THAT(message_of([] {
               decode_pnm("P5 10 10 255\n" + std::string(100, 'x'), "t", {0, 99});
             }),
             Contains("limit of 99"));
}

TEST_CASE("what is no PNM is an error that tells why") {
  const auto reason = [](const std::string& bytes) { return message_of([&] { decode_pnm(bytes, "a.pnm"); }); };
  for (const std::string bytes : {"", "P", "P0 1 1 1", "P7\nWIDTH 1", "Q5 1 1"})
    CHECK_THAT(reason(bytes), Contains("no P1 to P6") && Contains("a.pnm"));
  CHECK_THAT(reason("P5 -1 1 255\n1"), Contains("no number where the width"));
  CHECK_THAT(reason("P5 0 1 255\n"), Contains("no pixels"));
  CHECK_THAT(reason("P5 1 1"), Contains("before the largest value"));
  CHECK_THAT(reason("P5 1 1 0\n1"), Contains("1 ... 65535"));
  CHECK_THAT(reason("P5 1 1 65536\n11"), Contains("1 ... 65535"));
  CHECK_THAT(reason("P5 1 1 255"), Contains("no white space"));
  CHECK_THAT(reason("P5 1 1 255x1"), Contains("no white space"));
  CHECK_THAT(reason("P5 2 1 255\n1"), Contains("truncated"));
  CHECK_THAT(reason("P5 1 1 9\n\x0a"), Contains("over the largest"));
  CHECK_THAT(reason("P2 2 1 9\n1 10"), Contains("over the largest"));
  CHECK_THAT(reason("P2 2 1 9\n1    "), Contains("truncated before a value"));
  CHECK_THAT(reason("P2 2 1 9\n1 x1"), Contains("no number where a value"));
  CHECK_THAT(reason("P1 2 1\n1 2"), Contains("neither 0 nor 1"));
  CHECK_THAT(reason("P1 2 1\n1 \n "), Contains("truncated"));
}

TEST_CASE("a PNM cut or changed anywhere does no harm") {
  for (const auto& bytes : {"P2 3 2 9\n1 2 3 4 5 6"s, "P1 3 2\n101010"s, "P6 1 2 255\n123456"s}) {
    for (std::size_t n = 0; n < bytes.size(); ++n)
      CHECK_FALSE(message_of([&] { decode_pnm(bytes.substr(0, n), "t"); }).empty());
    for (std::size_t i = 0; i < bytes.size(); ++i)
      for (int byte = 0; byte < 256; ++byte) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(byte);
        CHECK(sseg_test::ends_well([&] { decode_pnm(changed, "t"); }));
      }
  }
}

}  // namespace pnm_test

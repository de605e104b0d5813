#include "sseg/io/wire_writer.hpp"

#include <array>
#include <span>
#include <string>

#include "sseg/io/crc32c.hpp"
#include "sseg/io/wire_record.hpp"
#include "support/catch.hpp"
#include "support/wire_reader.hpp"

namespace wire_writer_test {

using sseg::WireWriter;
using namespace std::string_literals;

TEST_CASE("wire format: the examples of its description") {
  CHECK(WireWriter().number(1, 150).bytes() == "\x08\x96\x01"s);          // Test1 { a: 150 }
  CHECK(WireWriter().bytes(2, "testing").bytes() == "\x12\x07testing"s);  // Test2 { b: "testing" }
  CHECK(WireWriter().message(3, WireWriter().number(1, 150)).bytes() == "\x1a\x03\x08\x96\x01"s);  // Test3
  const std::array<sseg::Index, 3> numbers{3, 270, 86942};  // Test5 { f: [3, 270, 86942] }
  CHECK(WireWriter().packed(6, numbers).bytes() == "\x32\x06\x03\x8e\x02\x9e\xa7\x05"s);
}

TEST_CASE("wire format: zero, the largest and negative numbers, and large field numbers") {
  CHECK(WireWriter().number(1, 0).bytes() == "\x08\x00"s);
  CHECK(WireWriter().number(1, 127).bytes() == "\x08\x7f"s);
  CHECK(WireWriter().number(1, 128).bytes() == "\x08\x80\x01"s);
  CHECK(WireWriter().number(1, -1).bytes() == "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s);
  CHECK(WireWriter().number(1, INT64_MAX).bytes() == "\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f"s);
  CHECK(WireWriter().number(20, 1).bytes() == "\xa0\x01\x01"s);
}

TEST_CASE("wire format: reals lie as their bits, the lowest byte first") {
  CHECK(WireWriter().real(1, 1.0).bytes() == "\x09\x00\x00\x00\x00\x00\x00\xf0\x3f"s);
  CHECK(WireWriter().real(2, -2.5f).bytes() == "\x15\x00\x00\x20\xc0"s);
  constexpr std::array<double, 2> reals{0.0, 1.0};
  constexpr std::array<float, 1> one{-2.5f};
  constexpr std::array<sseg::Index, 1> number{-2};
  CHECK(WireWriter().words(9, std::span<const float>(one)).bytes() == "\x4a\x04\x00\x00\x20\xc0"s);
  CHECK(WireWriter().words(9, std::span<const sseg::Index>(number)).bytes() == "\x4a\x08\xfe" + std::string(7, '\xff'));
  CHECK(WireWriter().words(7, std::span<const double>(reals)).bytes() ==
        "\x3a\x10"s + std::string(8, '\0') + "\x00\x00\x00\x00\x00\x00\xf0\x3f"s);
}

TEST_CASE("wire format: what is written can be read, and calls follow each other") {
  const sseg_test::WireMessage m(
      WireWriter().number(1, -7).real(2, 0.1).bytes(3, "").bytes(3, std::string(300, 'x')).real(4, 0.5f).bytes());
  REQUIRE(m.fields.size() == 5);
  CHECK(static_cast<std::int64_t>(m.at(1).value) == -7);
  CHECK(m.at(2).as_double() == 0.1);
  CHECK(m.all(3)[0].bytes.empty());
  CHECK(m.all(3)[1].bytes == std::string(300, 'x'));
  CHECK(m.at(4).as_float() == 0.5f);
}

TEST_CASE("CRC-32C: the vectors of RFC 3720") {
  static_assert(sseg::crc32c("123456789") == 0xe3069283u);
  CHECK(sseg::crc32c("") == 0u);
  CHECK(sseg::crc32c(std::string(32, '\0')) == 0x8a9136aau);
  CHECK(sseg::crc32c(std::string(32, '\xff')) == 0x62a8ab43u);
  std::string rising, falling;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i), falling += static_cast<char>(31 - i);
  CHECK(sseg::crc32c(rising) == 0x46dd794eu);
  CHECK(sseg::crc32c(falling) == 0x113fdb5cu);
}

TEST_CASE("a TFRecord is its length, data, and the masked sum of both") {
  // ((0xe3069283 >> 15) | (0xe3069283 << 17)) + 0xa282ead8, by hand.
  CHECK(sseg::masked_crc32c("123456789") == 0xc78ab0e5u);
  const std::string record = sseg::wire_record("123456789");
  REQUIRE(record.size() == 8 + 4 + 9 + 4);
  CHECK(record.substr(0, 8) == "\x09\x00\x00\x00\x00\x00\x00\x00"s);
  CHECK(record.substr(12, 9) == "123456789");
  CHECK(record.substr(21) == "\xe5\xb0\x8a\xc7"s);
  const std::uint32_t length_sum = sseg::masked_crc32c(record.substr(0, 8));
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(static_cast<unsigned char>(record[8 + i]) == ((length_sum >> (8 * i)) & 0xff));
}

}  // namespace wire_writer_test

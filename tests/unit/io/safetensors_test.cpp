#include "sseg/io/safetensors.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace safetensors_test {

using sseg::Index;
using sseg::SafeTensors;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

std::string file_of(const std::string& header, const std::string& data) {
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i) bytes += static_cast<char>((header.size() >> (8 * i)) & 0xff);
  return bytes + header + data;
}

std::string refusal(const std::string& header, const std::string& data) {
  return message_of([&] { SafeTensors::from_bytes(file_of(header, data), "test"); });
}

SafeTensors example() {
  SafeTensors file;
  file.metadata = {{"format", "pt"}, {"note", "größer"}};
  file.put<float>("net/weight", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, -6.5f});
  file.put<std::uint8_t>("a", {3}, std::vector<std::uint8_t>{7, 8, 255});
  file.put<std::int64_t>("steps", {}, std::vector<std::int64_t>{-1234567890123});
  file.put<double>("none", {0, 5}, std::vector<double>{});
  return file;
}

}  // namespace

TEST_CASE("tensors come back as they were put") {
  const sseg_test::TempFolder folder;
  example().save(folder / "x.safetensors");
  const auto file = SafeTensors::load(folder / "x.safetensors");
  CHECK(file.metadata == example().metadata);
  CHECK(file.tensors().size() == 4);
  CHECK(file.values<float>("net/weight") == std::vector<float>{1, 2, 3, 4, 5, -6.5f});
  CHECK(file.at("net/weight").shape == std::vector<Index>{2, 3});
  CHECK(file.values<std::uint8_t>("a") == std::vector<std::uint8_t>{7, 8, 255});
  CHECK(file.values<std::int64_t>("steps") == std::vector<std::int64_t>{-1234567890123});
  CHECK(file.at("steps").shape.empty());
  CHECK(file.values<double>("none").empty());
  CHECK(file.to_bytes() == example().to_bytes());
}

TEST_CASE("the bytes are those of the format") {
  SafeTensors file;
  file.put<std::uint8_t>("b", {2}, std::vector<std::uint8_t>{'x', 'y'});
  file.put<float>("c", {1}, std::vector<float>{0});
  const std::string header =
      R"({"b":{"data_offsets":[4,6],"dtype":"U8","shape":[2]},"c":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}})";
  std::string padded = header;
  while (padded.size() % 8 != 0) padded += ' ';
  CHECK(file.to_bytes() == file_of(padded, std::string("\0\0\0\0xy", 6)));
  CHECK(SafeTensors().to_bytes() == file_of("{}      ", ""));
}

TEST_CASE("other writers' order of tensors and other types are read") {
  const auto file = SafeTensors::from_bytes(
      file_of(R"({"q":{"dtype":"BF16","shape":[2],"data_offsets":[1,5]},"p":{"dtype":"BOOL","shape":[1,1],)"
              R"("data_offsets":[0,1]}})",
              "\1abcd"),
      "test");
  CHECK(file.at("q").bytes.size() == 4);
  CHECK(file.at("q").bytes[0] == 'a');
  CHECK(file.at("p").bytes[0] == 1);
}

TEST_CASE("a wrong lookup names the tensor and the cure") {
  const auto file = example();
  CHECK_THAT(message_of([&] { file.at("net/bias"); }), Contains("no tensor 'net/bias'") && Contains("net/weight"));
  CHECK_THAT(message_of([&] { file.values<double>("net/weight"); }), Contains("holds F32, not F64"));
  std::vector<float> five(5);
  CHECK_THAT(message_of([&] { file.read("net/weight", std::span<float>(five)); }), Contains("(2, 3)") && Contains("5"));
}

TEST_CASE("a tensor that does not fit its shape is not put") {
  SafeTensors file;
  const std::vector<float> two(2);
  CHECK_THAT(message_of([&] { file.put<float>("t", {3}, two); }), Contains("no tensor (3)"));
  CHECK_THAT(message_of([&] { file.put<float>("t", {-1, -2}, two); }), Contains("no tensor"));
  CHECK_THAT(message_of([&] { file.put<float>("__metadata__", {2}, two); }), Contains("reserved"));
  CHECK_THAT(message_of([&] { file.put_bytes("t", "F31", {1}, {}); }), Contains("F31"));
  file.metadata["x"] = "\xff";
  CHECK_THAT(message_of([&] { file.to_bytes(); }), Contains("UTF-8"));
}

TEST_CASE("damaged headers are refused") {
  const auto one = [](const std::string& shape, const std::string& offsets) {
    return R"({"t":{"dtype":"U8","shape":[)" + shape + R"(],"data_offsets":[)" + offsets + "]}}";
  };
  CHECK(refusal(one("4", "0,4"), "abcd").empty());
  CHECK_THAT(refusal(one("4", "0,4"), "abc"), Contains("truncated"));
  CHECK_THAT(refusal(one("4", "0,4"), "abcde"), Contains("1 bytes too many"));
  CHECK_THAT(refusal(one("4", "1,5"), "abcde"), Contains("unused bytes before"));
  CHECK_THAT(refusal(one("5", "0,4"), "abcd"), Contains("does not fill"));
  CHECK_THAT(refusal(one("4", "4,0"), "abcd"), Contains("not [begin, end]"));
  CHECK_THAT(refusal(one("4", "0"), "abcd"), Contains("not [begin, end]"));
  CHECK_THAT(refusal(one("-4", "0,4"), "abcd"), Contains("not a whole number"));
  CHECK_THAT(refusal(one("4.0", "0,4"), "abcd"), Contains("not a whole number"));
  CHECK_THAT(refusal(one("4", "0,18446744073709551615"), "abcd"), Contains("not a whole number"));
  CHECK_THAT(refusal(one("4294967296,4294967296,4294967296", "0,0"), ""), Contains("does not fill"));
  CHECK_THAT(refusal(one("9223372036854775807", "0,9223372036854775807"), "abcd"), Contains("truncated"));
  CHECK(refusal(one("9223372036854775807,2,0", "0,0"), "").empty());
  CHECK_THAT(refusal(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                     R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                     "abc"),
             Contains("overlaps"));
  CHECK_THAT(refusal(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                     R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
                     ""),
             Contains("occurs twice"));
  CHECK_THAT(refusal(R"({"a":{"dtype":"F31","shape":[0],"data_offsets":[0,0]}})", ""), Contains("'F31'"));
  CHECK_THAT(refusal(R"({"a":{"dtype":"U8","shape":[0]}})", ""), Contains("entry is not"));
  CHECK_THAT(refusal(R"({"a":[1]})", ""), Contains("entry is not"));
  CHECK_THAT(refusal(R"({"__metadata__":{"a":1}})", ""), Contains("__metadata__"));
  CHECK_THAT(refusal(" {}", ""), Contains("begin with '{'"));
  CHECK_THAT(refusal("[]", ""), Contains("begin with '{'"));
  CHECK_THAT(refusal("{", ""), Contains("not valid JSON") && Contains("(header):1:"));
  CHECK_THAT(refusal("", ""), Contains("begin with '{'"));
}

TEST_CASE("lengths that lie allocate nothing") {
  const auto refuse = [](const std::string& bytes) {
    return message_of([&] { SafeTensors::from_bytes(bytes, "test"); });
  };
  CHECK_THAT(refuse(""), Contains("too short"));
  CHECK_THAT(refuse("1234567"), Contains("too short"));
  CHECK_THAT(refuse(std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10)), Contains("100,000,000"));
  CHECK_THAT(refuse(std::string("\x00\xe1\xf5\x05\0\0\0\0{}", 10)), Contains("truncated inside its header"));
  CHECK_THAT(refuse(std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10)), Contains("100,000,000"));
}

TEST_CASE("every truncation is refused and flipped bits do no harm") {
  const std::string bytes = example().to_bytes();
  for (std::size_t n = 0; n < bytes.size(); ++n)
    CHECK_FALSE(message_of([&] { SafeTensors::from_bytes(bytes.substr(0, n), "test"); }).empty());
  CHECK_FALSE(message_of([&] { SafeTensors::from_bytes(bytes + '\0', "test"); }).empty());
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CHECK(sseg_test::ends_well([&] { SafeTensors::from_bytes(flipped, "test"); }));
  }
}

}  // namespace safetensors_test

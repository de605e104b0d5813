#include "sseg/meta/field_text.hpp"

#include <cstdint>
#include <limits>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"

using sseg::from_text_value;
using sseg::to_text_value;

namespace field_text_test {

struct Inner {
  int depth = 2;
  std::string note = "a \"b\" \\c";
};
struct Outer {
  bool on = true;
  float rate = 0.1f;
  Inner inner;
  double tiny = 1e-30;
  std::string empty;
  std::vector<int> list{1, 2};
  std::vector<std::string> none{};
};

template <class T>
bool round_trip(T value) {
  return from_text_value<T>(to_text_value(value)) == value;
}
template <class T>
bool extremes() {
  using Limits = std::numeric_limits<T>;
  return round_trip(Limits::min()) && round_trip(Limits::max()) && round_trip(Limits::lowest()) && round_trip(T{});
}

}  // namespace field_text_test

SSEG_FIELDS(field_text_test::Inner, depth, note);
SSEG_FIELDS(field_text_test::Outer, on, rate, inner, tiny, empty, list, none);

using namespace field_text_test;

TEST_CASE("every scalar type reads back what it wrote") {
  CHECK(extremes<std::int32_t>());
  CHECK(extremes<std::int64_t>());
  CHECK(extremes<std::uint32_t>());
  CHECK(extremes<std::uint64_t>());
  CHECK(extremes<std::uint16_t>());
  CHECK(extremes<float>());
  CHECK(extremes<double>());
  CHECK(round_trip(std::numeric_limits<float>::denorm_min()));
  CHECK(round_trip(std::numeric_limits<double>::infinity()));
  CHECK((round_trip(true) && round_trip(false)));
  using List = std::vector<std::ptrdiff_t>;
  CHECK((round_trip(List{}) && round_trip(List{3}) && round_trip(List{1, -2, 3})));
  CHECK(to_text_value(List{1, -2}) == "[1,-2]");
  CHECK(from_text_value<List>("4,5") == List{4, 5});
  for (const char* wrong : {"1,", ",1", "1,,2", "[1", "1]", "a", "1 2"}) CHECK_FALSE(from_text_value<List>(wrong));
  for (const std::string text : {"", "plain", " kept as it is ", "1e3"}) CHECK(round_trip(text));
  sseg::Rng rng(1);
  for (int i = 0; i < 2000; ++i) {
    REQUIRE(round_trip(rng.normal()));
    REQUIRE(round_trip(static_cast<double>(rng.normal()) * 1e-9 / 3));
  }
}

TEST_CASE("numbers are written with the fewest digits") {
  CHECK(to_text_value(0.1f) == "0.1");
  CHECK(to_text_value(0.1) == "0.1");
  CHECK(to_text_value(1.f) == "1");
  CHECK(to_text_value(-7) == "-7");
  CHECK(to_text_value(true) == "true");
}

TEST_CASE("the words for true and false") {
  for (const char* yes : {"true", "yes", "on", "1"}) CHECK(from_text_value<bool>(yes) == true);
  for (const char* no : {"false", "no", "off", "0"}) CHECK(from_text_value<bool>(no) == false);
  for (const char* neither : {"", "True", "2", "y", "true "}) CHECK_FALSE(from_text_value<bool>(neither));
}

TEST_CASE("what is not wholly a number of the type is none") {
  for (const char* text : {"", " 1", "1 ", "12x", "0x10", "1.5", "1e3", "+", "9223372036854775808"})
    CHECK_FALSE(from_text_value<std::int64_t>(text));
  CHECK_FALSE(from_text_value<unsigned>("-1"));
  CHECK_FALSE(from_text_value<std::uint16_t>("65536"));
  for (const char* text : {"", ".", "1,5", "1.5f", " 2", "1e400"}) CHECK_FALSE(from_text_value<double>(text));
  CHECK_FALSE(from_text_value<float>("1e40"));
  CHECK(from_text_value<float>("1e3") == 1000.f);
  CHECK(from_text_value<double>("-.5") == -0.5);
}

TEST_CASE("types in words") {
  CHECK(sseg::type_in_words<bool>() == "true or false");
  CHECK(sseg::type_in_words<std::uint64_t>() == "a whole number");
  CHECK(sseg::type_in_words<float>() == "a number");
  CHECK(sseg::type_in_words<std::string>() == "text");
}

TEST_CASE("YAML indents what is nested and quotes text") {
  CHECK(sseg::to_yaml(Outer{}) ==
        "on: true\n"
        "rate: 0.1\n"
        "inner:\n"
        "  depth: 2\n"
        "  note: \"a \\\"b\\\" \\\\c\"\n"
        "tiny: 1e-30\n"
        "empty: \"\"\n"
        "list: [1, 2]\n"
        "none: []\n");
  CHECK(sseg::to_yaml(Inner{.depth = -1, .note = "#: [x]"}, "    ") == "    depth: -1\n    note: \"#: [x]\"\n");
}

TEST_CASE("a line break or tab in text stays inside the quotes of its YAML line") {
  CHECK(sseg::to_yaml(Inner{.depth = 0, .note = "two\nlines\tand\ra \x01 byte"}) ==
        "depth: 0\nnote: \"two\\nlines\\tand\\ra \\x01 byte\"\n");
  CHECK(sseg::to_yaml(Inner{.depth = 0, .note = "größer"}) == "depth: 0\nnote: \"größer\"\n");
}

TEST_CASE("YAML has its own words for what is no finite number") {
  using Limits = std::numeric_limits<double>;
  CHECK(sseg::to_yaml(Outer{.inner = {}, .tiny = -Limits::infinity(), .empty = {}}).find("tiny: -.inf\n") !=
        std::string::npos);
  CHECK(sseg::to_yaml(Outer{.inner = {}, .tiny = Limits::quiet_NaN(), .empty = {}}).find("tiny: .nan\n") !=
        std::string::npos);
}

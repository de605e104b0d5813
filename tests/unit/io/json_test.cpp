#include "sseg/io/json.hpp"

#include <string>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace json_test {

using sseg_test::Contains;
using sseg_test::message_of;

TEST_CASE("JSON is read and written") {
  const sseg::Json json = sseg::parse_json(R"({"b": [1, 2.5, {"b": null}], "a": "x"})", "test");
  CHECK(json["b"][1].get<double>() == 2.5);
  CHECK(sseg::to_text(json) == R"({"a":"x","b":[1,2.5,{"b":null}]})");
}

TEST_CASE("an error in JSON names the file, the line and the column") {
  CHECK_THAT(message_of([] { sseg::parse_json("{\n  \"a\": ]\n}", "conf.json"); }), Contains("conf.json:2:8"));
  CHECK_THAT(message_of([] { sseg::parse_json("", "conf.json"); }), Contains("conf.json:1:1"));
  CHECK_THAT(message_of([] { sseg::parse_json("{} x", "conf.json"); }), Contains("not valid JSON"));
  CHECK_THAT(message_of([] { sseg::parse_json("{\"\xff\": 1}", "conf.json"); }), Contains("not valid JSON"));
  CHECK_THAT(message_of([] { sseg::parse_json("1e999", "conf.json"); }), Contains("JSON"));
}

TEST_CASE("doubled keys and deep nesting are refused") {
  CHECK_THAT(message_of([] { sseg::parse_json(R"({"a": {"k": 1}, "a": 2})", "f"); }), Contains("'a' occurs twice"));
  CHECK(message_of([] { sseg::parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})", "f"); }).empty());
  CHECK_THAT(message_of([] { sseg::parse_json(std::string(1'000'000, '['), "f"); }), Contains("nested deeper"));
}

TEST_CASE("text that is not UTF-8 is not written") {
  CHECK_THAT(message_of([] { sseg::to_text(sseg::Json("\xff")); }), Contains("cannot be written as JSON"));
}

}  // namespace json_test

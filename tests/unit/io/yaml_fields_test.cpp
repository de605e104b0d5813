#include "sseg/io/yaml_fields.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

using sseg::fields_from_yaml;
using sseg_test::Contains;
using sseg_test::message_of;

namespace yaml_fields_test {

struct Inner {
  int max_blocks = 6;
  std::string kind = "taylor";
};
struct Outer {
  bool on = false;
  double rate = 0.1;
  float small = 1;
  std::uint64_t seed = 1;
  std::int8_t byte = 0;
  std::vector<int> steps{1};
  std::vector<std::string> words{};
  Inner inner;
};

}  // namespace yaml_fields_test

SSEG_FIELDS(yaml_fields_test::Inner, max_blocks, kind);
SSEG_FIELDS(yaml_fields_test::Outer, on, rate, small, seed, byte, steps, words, inner);

using namespace yaml_fields_test;

namespace {

std::string refusal(const std::string& text) {
  return message_of([&] {
    Outer o;
    fields_from_yaml(text, o, "run.yaml");
  });
}

}  // namespace

TEST_CASE("YAML fills the fields that it names") {
  Outer o;
  fields_from_yaml(
      "on: yes\nrate: +1.5e-3\nsmall: -.inf\nseed: 18446744073709551615\nbyte: -128\nsteps: [3, 4]\n"
      "words:\n  - a b\n  - '7'\ninner:\n  kind: 12\n",
      o, "run.yaml");
  CHECK(o.on);
  CHECK(o.rate == 1.5e-3);
  CHECK(o.small == -std::numeric_limits<float>::infinity());
  CHECK(o.seed == std::numeric_limits<std::uint64_t>::max());
  CHECK(o.byte == -128);
  CHECK(o.steps == std::vector{3, 4});
  CHECK(o.words == std::vector<std::string>{"a b", "7"});
  CHECK(o.inner.kind == "12");
  CHECK(o.inner.max_blocks == 6);
}

TEST_CASE("YAML's words for numbers that are none are read, whatever their case") {
  for (const std::string word : {".nan", ".NaN", ".NAN"}) {
    Outer o;
    fields_from_yaml("rate: " + word, o, "run.yaml");
    CHECK(o.rate != o.rate);
  }
  for (const std::string word : {".inf", ".Inf", ".INF"}) {
    Outer o;
    fields_from_yaml("rate: +" + word, o, "run.yaml");
    fields_from_yaml("small: -" + word, o, "run.yaml");
    CHECK(o.rate == std::numeric_limits<double>::infinity());
    CHECK(o.small == -std::numeric_limits<float>::infinity());
  }
  CHECK_THAT(refusal("rate: .iNF"), Contains("'.iNF' is not a number"));
}

TEST_CASE("a list with a wrong value leaves the field as it was") {
  Outer o;
  CHECK_FALSE(message_of([&] { fields_from_yaml("steps: [3, x]", o, "run.yaml"); }).empty());
  CHECK(o.steps == std::vector{1});
}

TEST_CASE("what is left empty keeps its value") {
  Outer o;
  fields_from_yaml("on:\nsteps: ~\ninner:\n  kind: null\n", o, "run.yaml");
  fields_from_yaml("# nothing", o, "run.yaml");
  fields_from_yaml("inner:", o, "run.yaml");
  CHECK(o.steps == std::vector{1});
  CHECK(o.inner.kind == "taylor");
  fields_from_yaml("steps: []\ninner: {kind: ''}", o, "run.yaml");
  CHECK(o.steps.empty());
  CHECK(o.inner.kind.empty());
}

TEST_CASE("a wrong key or value in YAML is told with its line and what would do") {
  struct Case {
    const char* text;
    const char* what;
    const char* place;
    const char* cure;
  };
  const Case cases[] = {
      {"on: true\ninner:\n  max_block: 3", "inner: no field 'max_block'", "run.yaml:3:3", "did you mean 'max_blocks'?"},
      {"ratte: 1", "no field 'ratte'", "run.yaml:1:1", "did you mean 'rate'?"},
      {"inner:\n  zzzzzz: 1", "no field 'zzzzzz'", "run.yaml:2:3", "the fields are: max_blocks, kind"},
      {"rate: fast", "rate: 'fast' is not a number", "run.yaml:1:1", "give a number"},
      {"rate: '1'", "rate: '1' in quotes is text, not a number", "run.yaml:1:1", "give a number"},
      {"on: maybe", "on: 'maybe' is not true or false", "run.yaml:1:1", "give true or false"},
      {"inner:\n  max_blocks: 1.5", "inner.max_blocks: '1.5' is not a whole number", "run.yaml:2:3",
       "a whole number from -2147483648 to 2147483647"},
      {"byte: 128", "'128' is not a whole number from -128 to 127", "run.yaml:1:1", "from -128 to 127"},
      {"byte: +-1", "'+-1' is not", "run.yaml:1:1", "whole number"},
      {"small: 1e99", "small: '1e99' is not a number", "run.yaml:1:1", "give a number"},
      {"inner: 3", "inner: found a single value instead of a group of settings", "run.yaml:1:1", "give a group"},
      {"inner: [3]", "found a list instead of a group of settings", "run.yaml:1:1", "give a group"},
      {"rate:\n  a: 1", "rate: found a group of settings instead of a number", "run.yaml:1:1", "give a number"},
      {"steps: 3", "steps: found a single value instead of a list", "run.yaml:1:1", "give a list"},
      {"steps: [1,\n 2, x]", "steps: 'x' is not a whole number", "run.yaml:2:5", "whole number"},
      {"words: [~]", "words: found nothing instead of text", "run.yaml:1:9", "give text"},
      {"- 1", "found a list instead of a group of settings", "run.yaml:1:1", "give a group of settings"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const std::string message = refusal(c.text);
    CHECK_THAT(message, Contains(c.what));
    CHECK_THAT(message, Contains(c.place));
    CHECK_THAT(message, Contains(c.cure));
  }
}

#include "sseg/io/yaml.hpp"

#include <string>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace yaml_test {

using sseg::parse_yaml;
using sseg::Yaml;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

/// The value in JSON's form, every scalar in quotes, null as ~.
std::string shown(const Yaml& node) {
  if (node.kind == Yaml::Kind::null) return "~";
  if (node.kind == Yaml::Kind::scalar) return (node.quoted ? "'" : "") + node.text + (node.quoted ? "'" : "");
  const bool list = node.kind == Yaml::Kind::list;
  std::string text;
  for (const Yaml& item : node.items) text += (text.empty() ? "" : ", ") + (list ? "" : item.key + ": ") + shown(item);
  return (list ? "[" : "{") + text + (list ? "]" : "}");
}
std::string read(const std::string& text) { return shown(parse_yaml(text, "a.yaml")); }
std::string refusal(const std::string& text) {
  return message_of([&] { parse_yaml(text, "a.yaml"); });
}

}  // namespace

TEST_CASE("what stands in a YAML text is read") {
  struct Case {
    const char* text;
    std::string value;
  };
  const Case cases[] = {
      {"", "~"},
      {"# nothing\n\n", "~"},
      {"a: 1\nb: two words # comment\n", "{a: 1, b: two words}"},
      {"---\na: 1", "{a: 1}"},
      {"--- # begins\r\na: 1\r\nb:\r\n  c: 2\r\n", "{a: 1, b: {c: 2}}"},
      {"\xEF\xBB\xBF"
       "a: 1",
       "{a: 1}"},
      {"a:\n  b:\n    c: 1\n  d: 2\ne: 3", "{a: {b: {c: 1}, d: 2}, e: 3}"},
      {"a:\n  - 1\n  - 2\nb:\n- 3\n- 4\nc: 5", "{a: [1, 2], b: [3, 4], c: 5}"},
      {"- a\n- - b\n  - c\n-\n  d\n-\n- e: 1\n  f: 2\n", "[a, [b, c], d, ~, {e: 1, f: 2}]"},
      {"a: [1, two words, 'x, y', [], {}]", "{a: [1, two words, 'x, y', [], {}]}"},
      {"a: {b: 1, c: [2], d: , e: ~}", "{a: {b: 1, c: [2], d: ~, e: ~}}"},
      {"a: [1,  # first\n  2,\n]\nb: 3", "{a: [1, 2], b: 3}"},
      {"{\"a\":{\"b\":[1,2.5e-3,true,null]},\n\t\"c\":\"d\"}", "{a: {b: [1, 2.5e-3, true, ~]}, c: 'd'}"},
      {"a: ~\nb: null\nc:\nd: 'null'\ne: \"\"", "{a: ~, b: ~, c: ~, d: 'null', e: ''}"},
      {"a: 'it''s'\nb: 'no \\n escape'", "{a: 'it's', b: 'no \\n escape'}"},
      {"a: \"q\\\" b\\\\ t\\t n\\n x\\x41 u\\u00e9 U\\U0001f600 p\\ud83d\\ude00 s\\/\"",
       "{a: 'q\" b\\ t\t n\n xA u\u00e9 U\U0001f600 p\U0001f600 s/'}"},
      {"url: http://x#y\ntime: 1:2", "{url: http://x#y, time: 1:2}"},
      {"'quoted key': 1\n\"a: b\": 2\nc d: 3", "{quoted key: 1, a: b: 2, c d: 3}"},
      {"a:   # comment\n\n  # another\n  b: 1", "{a: {b: 1}}"},
      {"-1", "-1"},
      {"a: b\t\nc: d \t # e", "{a: b, c: d}"},
      {"a: \"\\0\\a\\b\\v\\f\\r\\e\\ \\\t\"", std::string("{a: '\0\a\b\v\f\r\x1b \t'}", 16)},
      {"[a, {b:, c:[1], d:{e: 2}}]", "[a, {b: ~, c: [1], d: {e: 2}}]"},
      {"[Null, NULL, nULL, ~, '~']", "[~, ~, nULL, ~, '~']"},
      {"null: 1\n~: 2\n'': 3", "{null: 1, ~: 2, : 3}"},
      {"[ssl.rotation.enabled=false, 'a=[1]']", "[ssl.rotation.enabled=false, 'a=[1]']"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(read(c.text) == c.value);
  }
}

TEST_CASE("places in a YAML text are lines and columns from 1") {
  const Yaml root = parse_yaml("# head\na:\n  bc: 1\n  d: [2, 3]\n", "a.yaml");
  REQUIRE(root.find_path("a.bc") != nullptr);
  CHECK(root.find_path("a.bc")->place("f") == "f:3:3");
  CHECK(root.find_path("a.d")->items[1].place("f") == "f:4:10");
  CHECK(root.find_path("a.nothing") == nullptr);
  CHECK(root.find_path("a.bc.d") == nullptr);
  CHECK(root.find_path("a.d.") == nullptr);  // a list has values, but no keys
  CHECK(parse_yaml("\xEF\xBB\xBF"
                   "a: 1\nb: 2",
                   "a.yaml")
            .place("f") == "f:1:1");  // a byte order mark takes no column
}

TEST_CASE("what is no YAML, or not of the part that is read, is refused with its place") {
  struct Case {
    std::string text;
    const char* words;
    const char* place;
  };
  const Case cases[] = {
      {"a: 1\na: 2", "the key 'a' occurs twice", "a.yaml:2:1"},
      {"{a: 1, a: 2}", "the key 'a' occurs twice", "a.yaml:1:8"},
      {"a: &x 1", "anchors and aliases are not read", "a.yaml:1:4"},
      {"a: *x", "anchors and aliases are not read", "a.yaml:1:4"},
      {"a: !!int 1", "tags are not read", "a.yaml:1:4"},
      {"a: |\n  b", "text blocks are not read", "a.yaml:1:4"},
      {"a: >-\n  b", "text blocks are not read", "a.yaml:1:4"},
      {"%YAML 1.2\n---\na: 1", "directives are not read", "a.yaml:1:1"},
      {"a: @b", "a value cannot begin with '@'", "a.yaml:1:4"},
      {"a: - b", "a value cannot begin with '- '", "a.yaml:1:4"},
      {"? a\n: b", "a value cannot begin with '? '", "a.yaml:1:1"},
      {"a:\n\tb: 1", "a tab in the indentation", "a.yaml:2:1"},
      {"a:\n  \tb: 1", "a tab in the indentation", "a.yaml:2:3"},
      {"a: b: c", "a second ':' on the line", "a.yaml:1:5"},
      {"a: 'b' c", "something stands behind the value", "a.yaml:1:8"},
      {"a: [1] 2", "something stands behind the value", "a.yaml:1:8"},
      {"a: 1\n  b", "indented deeper", "a.yaml:2:3"},
      {"a:\n    b: 1\n  c: 2", "indented deeper", "a.yaml:3:3"},
      {"a: 1\nb", "no ': ' behind the key", "a.yaml:2:1"},
      {"a: 1\n- b", "a list within a group of settings", "a.yaml:2:1"},
      {"- a\nb: 1", "something stands behind the end of the document", "a.yaml:2:1"},
      {"a: 1\n---\nb: 2", "no ': ' behind the key", "a.yaml:2:"},
      {"a: 'b\n  c'", "a quote that is not closed on its line", "a.yaml:1:4"},
      {"a: \"b", "a quote that is not closed on its line", "a.yaml:1:4"},
      {"a: \"\\q\"", "no such escape", "a.yaml:1:"},
      {"a: \"\\x4\"", "an escape lacks hexadecimal digits", "a.yaml:1:"},
      {"a: \"\\ud800\"", "the escape stands for no character", "a.yaml:1:"},
      {"a: \"\\U00110000\"", "the escape stands for no character", "a.yaml:1:"},
      {"a: [1, 2", "a bracket that is not closed", "a.yaml:1:4"},
      {"a: [1 ,, 2]", "a value cannot begin with ','", "a.yaml:1:8"},
      {"a: [1 [2]]", "no ',' between two values", "a.yaml:1:"},
      {"a: [b=[1]]", "no ',' between two values", "a.yaml:1:"},
      {"{a, b}", "no ':' behind the key", "a.yaml:1:3"},
      {"{: 1}", "a value cannot begin with ': '", "a.yaml:1:2"},
      {"{: }", "a value cannot begin with ': '", "a.yaml:1:2"},
      {"{[a]: 1}", "a value is missing", "a.yaml:1:2"},
      {": 1", "a value cannot begin with ': '", "a.yaml:1:1"},
      {"a: ]", "a value cannot begin with ']'", "a.yaml:1:4"},
      {"a: b\x01", "a control character", "a.yaml:1:5"},
      {"a: b\x1f", R"(as "\x1f")", "a.yaml:1:5"},
      {"a: \x7f", "a control character", "a.yaml:1:4"},
      {"a: 'b'#c", "something stands behind the value", "a.yaml:1:7"},
      {"a: [1]#c", "something stands behind the value", "a.yaml:1:7"},
      {"a: `b`", "a value cannot begin with '`'", "a.yaml:1:4"},
      {"a: [#]", "a value cannot begin with '#'", "a.yaml:1:5"},
      {"  ---\na: 1", "something stands behind", "a.yaml:2:1"},
      {"'a': 1\n: 2", "a value cannot begin with ': '", "a.yaml:2:1"},
      {R"(a: "\ud83d\u0041")", "the escape stands for no character", "a.yaml:1:"},
      {R"(a: "\ud83d\ue000")", "the escape stands for no character", "a.yaml:1:"},
      {R"(a: "\udc00")", "the escape stands for no character", "a.yaml:1:"},
      {"a: b\rc: d", "a control character", "a.yaml:1:5"},
      {std::string("a: b\0", 5), "a control character", "a.yaml:1:5"},
      {"a: \xff", "the text is not UTF-8", "a.yaml:1:4"},
      {"a: \xed\xa0\x80", "the text is not UTF-8", "a.yaml:1:4"},
      {"a: \xc3", "the text is not UTF-8", "a.yaml:1:4"},
      {std::string(70, '['), "YAML is nested deeper than 64", "a.yaml:1:66"},
      {std::string((1 << 20) + 1, ' '), "larger than 1 MiB", "a.yaml"},
  };
  for (const Case& c : cases) {
    INFO(c.text.substr(0, 100));
    const std::string message = refusal(c.text);
    CHECK_THAT(message, Contains(c.words));
    CHECK_THAT(message, Contains(c.place));
  }
  CHECK(parse_yaml(std::string(1 << 20, ' '), "a.yaml").kind == Yaml::Kind::null);  // just as large as may be
  std::string deep;
  for (int i = 0; i < 70; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK_THAT(refusal(deep), Contains("YAML is nested deeper than 64"));
}

TEST_CASE("YAML cut short or with a byte changed is read or refused, never more") {
  const std::string text =
      "---\na: [1, {b: \"\\u00e9\\x41\"}, 'c''d']\ne:\n  - f: 1 # g\n    h: ~\n  - - i\n\"k\": l\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::string part = text.substr(0, cut);
    CHECK(sseg_test::ends_well([&] { parse_yaml(part, "cut"); }));
  }
  sseg::Rng rng(1);
  for (int i = 0; i < 20000; ++i) {
    std::string changed = text;
    for (int edits = 1 + static_cast<int>(rng.below(3)); edits > 0; --edits)
      changed[static_cast<std::size_t>(rng.below(static_cast<sseg::Index>(text.size())))] =
          "[]{}:-#'\"\n\t ,&x\\\x80"[rng.below(17)];
    CHECK(sseg_test::ends_well([&] { parse_yaml(changed, "changed"); }));
  }
}

}  // namespace yaml_test

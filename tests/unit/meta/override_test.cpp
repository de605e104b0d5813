#include "sseg/meta/override.hpp"

#include <cstdint>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

using sseg::apply_override;
using sseg_test::Contains;
using sseg_test::message_of;

namespace override_test {

struct Growth {
  int max_blocks = 4;
  float widen_factor = 1.5f;
};
struct Evolution {
  Growth growth;
  std::string method = "taylor";
};
struct Alike {
  int rate = 0, ratio = 0;
};
struct Config {
  std::string name = "demo";
  std::uint64_t seed = 1;
  bool center = true;
  Evolution evolution;
};

}  // namespace override_test

SSEG_FIELDS(override_test::Alike, rate, ratio);
SSEG_FIELDS(override_test::Growth, max_blocks, widen_factor);
SSEG_FIELDS(override_test::Evolution, growth, method);
SSEG_FIELDS(override_test::Config, name, seed, center, evolution);

namespace {

std::string refusal(const char* assignment) {
  override_test::Config c;
  return message_of([&] { apply_override(c, assignment); });
}

}  // namespace

TEST_CASE("a dotted path sets the field it names and no other") {
  override_test::Config c;
  apply_override(c, "evolution.growth.max_blocks=9");
  CHECK(c.evolution.growth.max_blocks == 9);
  CHECK(c.evolution.growth.widen_factor == 1.5f);
  apply_override(c, "evolution.growth.widen_factor=2");
  apply_override(c, "evolution.method=magnitude");
  apply_override(c, "seed=18446744073709551615");
  apply_override(c, "center=off");
  CHECK(c.evolution.growth.widen_factor == 2.f);
  CHECK(c.evolution.method == "magnitude");
  CHECK(c.seed == UINT64_MAX);
  CHECK_FALSE(c.center);
  CHECK(c.name == "demo");
}

TEST_CASE("text is everything after the first '='") {
  override_test::Config c;
  apply_override(c, "name=a=b c");
  CHECK(c.name == "a=b c");
  apply_override(c, "name=");
  CHECK(c.name.empty());
}

TEST_CASE("an unknown setting is named with the nearest one") {
  const std::string text = refusal("evolution.growth.max_block=3");
  CHECK_THAT(text, Contains("no setting 'max_block'"));
  CHECK_THAT(text, Contains("'evolution.growth.max_block'"));
  CHECK_THAT(text, Contains("did you mean 'max_blocks'?"));
  CHECK_THAT(refusal("evolutoin.method=x"), Contains("did you mean 'evolution'?"));
}

TEST_CASE("of several near ones the nearest is proposed") {
  CHECK(sseg::suggest_field(override_test::Alike{}, "rat") == "did you mean 'rate'?");
  CHECK(sseg::suggest_field(override_test::Alike{}, "ratios") == "did you mean 'ratio'?");
}

TEST_CASE("when nothing is near, all fields are listed") {
  CHECK_THAT(refusal("zzzzzzzz=1"), Contains("the fields are: name, seed, center, evolution"));
}

TEST_CASE("a value of the wrong type is refused and changes nothing") {
  CHECK_THAT(refusal("evolution.growth.max_blocks=many"), Contains("'many' is not a whole number"));
  CHECK_THAT(refusal("evolution.growth.max_blocks=many"), Contains("evolution.growth.max_blocks"));
  CHECK_THAT(refusal("evolution.growth.widen_factor=1.5x"), Contains("'1.5x' is not a number"));
  CHECK_THAT(refusal("center=maybe"), Contains("'maybe' is not true or false"));
  CHECK_THAT(refusal("seed=-1"), Contains("'-1' is not a whole number"));
  override_test::Config c;
  message_of([&] { apply_override(c, "seed=12 "); });
  CHECK(c.seed == 1);
}

TEST_CASE("a group is no value, and a value is no group") {
  const std::string group = refusal("evolution.growth=3");
  CHECK_THAT(group, Contains("'growth' is a group of settings"));
  CHECK_THAT(group, Contains("max_blocks, widen_factor"));
  CHECK_THAT(group, Contains("write evolution.growth.FIELD=VALUE"));
  CHECK_THAT(refusal("seed.x=3"), Contains("'seed' is a single value"));
  CHECK_THAT(refusal("evolution.method.x=3"), Contains("write evolution.method=VALUE"));
}

TEST_CASE("an override without a path or an '=' sets nothing") {
  CHECK_THAT(refusal("seed"), Contains("'seed' sets nothing"));
  CHECK_THAT(refusal("=3"), Contains("sets nothing"));
  CHECK_THAT(refusal(""), Contains("sets nothing"));
  CHECK_THAT(refusal("evolution..method=x"), Contains("no setting ''"));
  CHECK_THAT(refusal("evolution.=x"), Contains("no setting ''"));
}

TEST_CASE("edits between two words") {
  using sseg::detail::edit_distance;
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("same", "same") == 0);
  CHECK(edit_distance("ab", "ba") == 2);
}

TEST_CASE("a name is suggested when two letters differ, or a third of a long one") {
  const auto suggestion = [](std::string_view wrong) { return sseg::detail::suggest_name({"abcdef", "x"}, wrong); };
  CHECK(suggestion("abcdYZ") == "did you mean 'abcdef'?");
  CHECK(suggestion("abcXYZ") == "the fields are: abcdef, x");
  CHECK(suggestion("cd") == "did you mean 'x'?");  // two replaced or taken out
  CHECK(suggestion("abcdefXYZ") == "did you mean 'abcdef'?");
  CHECK(suggestion("abcdefWXYZ") == "the fields are: abcdef, x");
}

#include "sseg/meta/fields.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

namespace fields_test {

struct Plain {
  float rate = 0.5f;
  int count = 3;
  std::string name = "x";
};
struct Unnamed {
  int a = 0;
};

}  // namespace fields_test

SSEG_FIELDS(fields_test::Plain, rate, count, name);

using fields_test::Plain;

static_assert(sseg::Reflected<Plain> && sseg::Reflected<const Plain&>);
static_assert(!sseg::Reflected<fields_test::Unnamed> && !sseg::Reflected<int> && !sseg::Reflected<std::string>);

TEST_CASE("every field is visited in the order in which it was named") {
  const Plain p;
  std::vector<std::string> names;
  sseg::for_each_field(p, [&](std::string_view name, const auto&) { names.emplace_back(name); });
  CHECK(names == std::vector<std::string>{"rate", "count", "name"});
}

TEST_CASE("a visitor may change the members") {
  Plain p;
  sseg::for_each_field(p, [](std::string_view, auto& member) { member += member; });
  CHECK(p.rate == 1.f);
  CHECK(p.count == 6);
  CHECK(p.name == "xx");
}

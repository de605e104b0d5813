#include "sseg/meta/fields.hpp"

#include <boost/hana/define_struct.hpp>
#include <boost/hana/length.hpp>
#include <boost/hana/unpack.hpp>
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
struct Empty {};
struct Derived : Plain {
  int own = 1, left_out = 2;
};
struct ByHana {
  BOOST_HANA_DEFINE_STRUCT(ByHana, (int, a), (float, b));
};
struct Forty {
  int a0 = 1, a1 = 1, a2 = 1, a3 = 1, a4 = 1, a5 = 1, a6 = 1, a7 = 1, a8 = 1, a9 = 1;
  int b0 = 2, b1 = 2, b2 = 2, b3 = 2, b4 = 2, b5 = 2, b6 = 2, b7 = 2, b8 = 2, b9 = 2;
  int c0 = 3, c1 = 3, c2 = 3, c3 = 3, c4 = 3, c5 = 3, c6 = 3, c7 = 3, c8 = 3, c9 = 3;
  int d0 = 4, d1 = 4, d2 = 4, d3 = 4, d4 = 4, d5 = 4, d6 = 4, d7 = 4, d8 = 4, d9 = 4;
};

}  // namespace fields_test

SSEG_FIELDS(fields_test::Plain, rate, count, name);
SSEG_FIELDS(fields_test::Empty);
SSEG_FIELDS(fields_test::Derived, own, count);
SSEG_FIELDS(fields_test::Forty, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1,
            c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9);

using fields_test::Plain;

namespace {

template <class T>
std::vector<std::string> names_of(const T& object) {
  std::vector<std::string> names;
  sseg::for_each_field(object, [&](std::string_view name, const auto&) { names.emplace_back(name); });
  return names;
}

/// Runs while compiling.
constexpr int sum_of_fields() {
  fields_test::Forty forty;
  int sum = 0;
  sseg::for_each_field(forty, [&](std::string_view, int member) { sum += member; });
  return sum;
}

}  // namespace

static_assert(sseg::Reflected<Plain> && sseg::Reflected<const Plain&>);
static_assert(!sseg::Reflected<fields_test::Unnamed> && !sseg::Reflected<int> && !sseg::Reflected<std::string>);

TEST_CASE("every field is visited in the order in which it was named") {
  CHECK(names_of(Plain{}) == std::vector<std::string>{"rate", "count", "name"});
}

TEST_CASE("no field, some of the fields, and as many as there may be") {
  CHECK(names_of(fields_test::Empty{}).empty());
  CHECK(names_of(fields_test::Derived{}) == std::vector<std::string>{"own", "count"});
  const auto names = names_of(fields_test::Forty{});
  CHECK(names.size() == 40);
  CHECK(names.front() == "a0");
  CHECK(names.back() == "d9");
  STATIC_REQUIRE(sum_of_fields() == 10 + 20 + 30 + 40);
}

TEST_CASE("a visitor may change the members") {
  Plain p;
  sseg::for_each_field(p, [](std::string_view, auto& member) { member += member; });
  CHECK(p.rate == 1.f);
  CHECK(p.count == 6);
  CHECK(p.name == "xx");
}

TEST_CASE("the struct is one of Hana's") {
  namespace hana = boost::hana;
  const Plain p;
  std::vector<std::string> names;
  hana::for_each(hana::accessors<Plain>(),
                 [&](auto field) { names.emplace_back(hana::to<const char*>(hana::first(field))); });
  CHECK(names == names_of(p));
  CHECK(hana::unpack(hana::accessors<Plain>(), [&](auto rate, auto count, auto name) {
    return hana::second(rate)(p) == p.rate && &hana::second(count)(p) == &p.count && hana::second(name)(p) == "x";
  }));
  CHECK(decltype(hana::length(hana::accessors<fields_test::Forty>()))::value == 40);
  CHECK(decltype(hana::length(hana::accessors<fields_test::Empty>()))::value == 0);
}

TEST_CASE("a struct that Hana's own macro describes is reflected too") {
  fields_test::ByHana h{3, 4.f};
  sseg::for_each_field(h, [](std::string_view, auto& member) { member += 1; });
  CHECK(h.a == 4);
  CHECK(h.b == 5.f);
  CHECK(names_of(h) == std::vector<std::string>{"a", "b"});
}

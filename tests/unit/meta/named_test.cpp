#include "sseg/meta/named.hpp"

#include <string>

#include "support/catch.hpp"

namespace named_test {

namespace {

struct First {
  static constexpr std::string_view name = "first";
  int value = 1;
};
struct Second {
  static constexpr std::string_view name = "second";
  int value = 2;
};
struct SecondAgain {
  static constexpr std::string_view name = "second";
  int value = 3;
};

}  // namespace

TEST_CASE("an element of a list is found by its name") {
  constexpr std::tuple<First, Second, SecondAgain> list;
  int value = 0, calls = 0;
  const auto take = [&](const auto& item) {
    value = item.value;
    ++calls;
  };
  CHECK(sseg::with_named(list, "first", take));
  CHECK(value == 1);
  CHECK(sseg::with_named(list, "second", take));
  CHECK(value == 2);
  CHECK(calls == 2);
}

TEST_CASE("a name that nothing has calls nothing") {
  int calls = 0;
  const auto count = [&](const auto&) { ++calls; };
  CHECK_FALSE(sseg::with_named(std::tuple<First, Second>{}, "third", count));
  CHECK_FALSE(sseg::with_named(std::tuple<First, Second>{}, "", count));
  CHECK_FALSE(sseg::with_named(std::tuple<>{}, "first", [](const auto&) {}));
  CHECK(calls == 0);
}

}  // namespace named_test

#include "sseg/report/table_pivot.hpp"

#include "sseg/report/table_groups.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace table_pivot_test {

using sseg::Cell;
using sseg::Table;
using sseg::TableGroups;
using sseg::TablePivot;

TEST_CASE("values become a table of keys and names in the order in which they come") {
  TablePivot pivot({"net", "protocol"});
  pivot.add({"b", "x"}, {"5-shot", "%"}, Cell(1, 0));
  pivot.add({"a", "x"}, {"1-shot", "%"}, Cell(2, 0));
  pivot.add({"b", "x"}, {"1-shot", "%"}, Cell(3, 0));
  Table t{.name = "t"};
  pivot.fill(t);
  CHECK(t.columns == std::vector<sseg::Column>{{"net", ""}, {"protocol", ""}, {"5-shot", "%"}, {"1-shot", "%"}});
  CHECK(t.rows == std::vector<std::vector<Cell>>{{"b", "x", Cell(1, 0), Cell(3, 0)}, {"a", "x", {}, Cell(2, 0)}});
}

TEST_CASE("a second value for the same place gets a row of its own") {
  TablePivot pivot({"net"});
  for (const double value : {1.0, 2.0}) pivot.add({"a"}, {"1-shot", ""}, Cell(value, 0));
  Table t{.name = "t"};
  pivot.fill(t);
  CHECK(t.rows == std::vector<std::vector<Cell>>{{"a", Cell(1, 0)}, {"a", Cell(2, 0)}});
  CHECK_THAT(sseg_test::message_of([&] {
               pivot.add({"a", "b"}, {"x", ""}, {});
             }),
             sseg_test::Contains("a key of 2 cells for 1 headings"));
}

TEST_CASE("what was measured in other conditions is another table") {
  TableGroups groups({"net"});
  groups["five ways"].pivot.add({"a"}, {"1-shot", "%"}, Cell(1, 0));
  groups["ten ways"].pivot.add({"a"}, {"1-shot", "%"}, Cell(2, 0));
  groups["five ways"].pivot.add({"b"}, {"1-shot", "%"}, Cell(3, 0));
  for (const char* note : {"once", "once", ""}) groups["ten ways"].note(note);
  const auto tables = groups.tables("few_shot", "Accuracy");
  REQUIRE(tables.size() == 2);
  CHECK(tables[0].name == "few_shot");
  CHECK(tables[1].name == "few_shot_2");
  CHECK(tables[0].caption == "Accuracy: five ways");
  CHECK(tables[0].rows.size() == 2);
  CHECK(tables[1].notes == std::vector<std::string>{"once"});
}

}  // namespace table_pivot_test

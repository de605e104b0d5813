#include "sseg/report/table_plain.hpp"

#include "support/catch.hpp"

namespace table_plain_test {

using namespace sseg;

TEST_CASE("a plain table has words to the left, numbers to the right, and its notes") {
  Table table{.name = "t", .caption = "what"};
  table.columns = {{"net", ""}, {"accuracy", "%"}, {"n", ""}};
  table.add({"häufig", Cell(), Cell(12, 0)});
  table.add({"b", Cell(43.219, 0.5, 2), Cell(3, 0)});
  table.add({"c", Cell(-0.001, 0.5, 2), Cell(-3, 0)});
  table.notes = {"a note"};
  CHECK(to_plain_text(table) ==
        "what\n"
        "net     accuracy (%)   n\n"
        "häufig                12\n"
        "b       43.22 ± 0.50   3\n"
        "c        0.00 ± 0.50  -3\n"
        "(a note)\n");
}

}  // namespace table_plain_test

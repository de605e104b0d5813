#include "sseg/io/csv_table.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace csv_table_test {

using sseg::CsvTable;
using sseg::Index;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

std::vector<std::vector<std::string>> rows(const std::string& text) {
  const CsvTable table(text, "a.csv");
  std::vector<std::vector<std::string>> all;
  for (Index r = 0; r < table.size(); ++r) {
    all.emplace_back();
    for (Index c = 0; c < static_cast<Index>(table.columns().size()); ++c) all.back().push_back(table.cell(r, c));
  }
  return all;
}

std::string refusal(const std::string& text) {
  return message_of([&] { CsvTable(text, "a.csv"); });
}

using Rows = std::vector<std::vector<std::string>>;

}  // namespace

TEST_CASE("a CSV table has the fields of its rows whatever the ends of lines") {
  const Rows expected{{"a.jpg", "n01"}, {"b.jpg", "n02"}};
  for (const std::string end : {"\n", "\r\n"})
    for (const std::string last : {"", "\n", "\r\n", "\n\n"})
      CHECK(rows("filename,label" + end + "a.jpg,n01" + end + end + "b.jpg,n02" + last) == expected);
  CHECK(rows("filename,label\n").empty());
  CHECK(rows("x\ny\n") == Rows{{"y"}});
  CHECK(rows("a,b\n,\n") == Rows{{"", ""}});
  CHECK(rows("\xEF\xBB\xBFx,y\n1,2") == Rows{{"1", "2"}});
  CHECK(rows("x\r,y\n1,2\r3") == Rows{{"1", "2\r3"}});
}

TEST_CASE("quoted CSV fields hold commas and quotes and ends of lines") {
  CHECK(rows("\"a\",b\n\"1,2\",\"say \"\"hi\"\"\"\n\"two\r\nlines\",\"\"\n") ==
        Rows{{"1,2", "say \"hi\""}, {"two\r\nlines", ""}});
}

TEST_CASE("columns of a CSV table are found by name") {
  const CsvTable table("class_name,image_name\nn01,a.jpg\n", "a.csv");
  CHECK(table.column("image_name") == 1);
  CHECK(table.has("class_name"));
  CHECK_FALSE(table.has("label"));
  CHECK_THAT(message_of([&] { table.column("label"); }),
             Contains("no column 'label', but 'class_name', 'image_name'") && Contains("a.csv"));
}

TEST_CASE("a CSV text that is no table is refused with the line") {
  CHECK_THAT(refusal(""), Contains("no line with the names"));
  CHECK_THAT(refusal("\n\r\n"), Contains("no line with the names"));
  CHECK_THAT(refusal("a,b\n1,2\n1\n"), Contains("a row of 1 fields below 2 names") && Contains("a.csv: line 3"));
  CHECK_THAT(refusal("a,b\n1,2,3"), Contains("a row of 3 fields"));
  CHECK_THAT(refusal("a,b\n\"1\n\n,2\n"), Contains("not closed") && Contains("line 2"));
  CHECK_THAT(refusal("a,b\n\"1\n\",2\nx\"y,2\n"), Contains("a quote within a field") && Contains("line 4"));
  CHECK_THAT(refusal("a,b\n1,\"2\"x\n"), Contains("behind its closing quote"));
}

}  // namespace csv_table_test

#include "sseg/report/csv.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

using sseg::CsvWriter;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace csv_test {

struct Row {
  std::string name;
  int count = 0;
  double share = 0;
  bool on = false;
};
struct Words {
  std::string first, second, third;
};

}  // namespace csv_test

SSEG_FIELDS(csv_test::Row, name, count, share, on);
SSEG_FIELDS(csv_test::Words, first, second, third);

using csv_test::Row;
using csv_test::Words;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a table has its header once and a line for every record") {
  const TempFolder folder;
  const auto file = folder / "table.csv";
  CsvWriter csv(file);
  csv.write(Row{"a", 1, 0.1, true});
  CHECK(text_of(file) == "name,count,share,on\na,1,0.1,true\n");  // at once, not at the end
  csv.write(Row{"b", -2, 1e-9, false});
  CHECK(text_of(file) == "name,count,share,on\na,1,0.1,true\nb,-2,1e-09,false\n");
}

TEST_CASE("appending goes on below, without a second header") {
  const TempFolder folder;
  const auto file = folder / "table.csv";
  CsvWriter(file, true).write(Row{"a", 1, 0.5, true});  // nothing there yet: a fresh table
  CsvWriter(file, true).write(Row{"b", 2, 0.5, true});
  CHECK(text_of(file) == "name,count,share,on\na,1,0.5,true\nb,2,0.5,true\n");
  CsvWriter(file).write(Row{"c", 3, 0.5, true});
  CHECK(text_of(file) == "name,count,share,on\nc,3,0.5,true\n");
}

TEST_CASE("a table that was opened but never written gets its header when it is appended to") {
  const TempFolder folder;
  const auto file = folder / "table.csv";
  CsvWriter{file};
  CHECK(text_of(file).empty());
  CsvWriter(file, true).write(Row{"a", 1, 0.5, true});
  CHECK(text_of(file) == "name,count,share,on\na,1,0.5,true\n");
}

TEST_CASE("text is quoted where it must be") {
  const TempFolder folder;
  const auto file = folder / "table.csv";
  CsvWriter csv(file);
  csv.write(Words{"a,b", "say \"x\"", "two\nlines"});
  csv.write(Words{"plain text", "\r", "32+1 > 48"});
  CHECK(text_of(file) == "first,second,third\n\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"\nplain text,\"\r\",32+1 > 48\n");
}

TEST_CASE("empty text is a cell like any other") {
  const TempFolder folder;
  const auto file = folder / "table.csv";
  CsvWriter csv(file);
  csv.write(Words{"", "b", ""});
  csv.write(Words{"", "", "c"});
  CHECK(text_of(file) == "first,second,third\n,b,\n,,c\n");
}

TEST_CASE("a table that cannot be opened or written is an error with its place") {
  const TempFolder folder;
  const auto nowhere = folder / "no/such/folder/table.csv";
  CHECK_THAT(message_of([&] { CsvWriter{nowhere}; }), sseg_test::Contains(nowhere.string()));
  if (!std::filesystem::exists("/dev/full")) SSEG_SKIP("no /dev/full here");
  CsvWriter full("/dev/full");
  CHECK_THAT(message_of([&] { full.write(Row{}); }), sseg_test::Contains("cannot write the table"));
}

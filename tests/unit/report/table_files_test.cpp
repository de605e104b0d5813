#include "sseg/report/table_files.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"
#include "unit/report/made_up_table.hpp"

namespace table_files_test {

namespace fs = std::filesystem;
using sseg::Table;
using sseg::TableFormat;
using sseg::write_tables;
using sseg_test::Contains;
using sseg_test::made_up_table;
using sseg_test::message_of;
using sseg_test::TempFolder;

TEST_CASE("tables are files of the formats that are wanted") {
  const TempFolder folder;
  std::vector<Table> tables(2, made_up_table());
  tables[1].name = "other";
  const auto written = write_tables(folder / "new/tables", tables, {TableFormat::markdown, TableFormat::latex});
  CHECK(written.size() == 5);
  for (const auto& file : written) CHECK(fs::is_regular_file(file));
  const fs::path out = folder / "new/tables";
  CHECK(sseg::read_file(out / "made_up.md") == sseg::to_markdown(tables[0]));
  CHECK(sseg::read_file(out / "other.tex") == sseg::to_latex(tables[1]));
  CHECK(sseg::read_file(out / "results.tex") == sseg::latex_document(tables));
  CHECK_FALSE(fs::exists(out / "made_up.csv"));
  write_tables(out, tables, {TableFormat::csv, TableFormat::json});
  CHECK(sseg::read_file(out / "made_up.csv") == sseg::to_csv(tables[0]));
  CHECK(sseg::table_from_json(sseg::parse_json(sseg::read_file(out / "other.json"), "other"), "other") == tables[1]);
  CHECK(std::distance(fs::directory_iterator(out), fs::directory_iterator()) == 2 * 4 + 1);
}

TEST_CASE("formats are known by their names") {
  CHECK(sseg::table_format_named("latex", "--format") == TableFormat::latex);
  CHECK(sseg::table_format_named("json", "--format") == TableFormat::json);
  CHECK_THAT(message_of([] { sseg::table_format_named("latx", "--format"); }), Contains("there is no format 'latx'"));
}

TEST_CASE("a table whose name is no name of a file is refused before anything is written") {
  const TempFolder folder;
  const auto message = [&](const std::string& name) {
    std::vector<Table> tables(2, made_up_table());
    tables[1].name = name;
    return message_of([&] { write_tables(folder / "out", tables, {TableFormat::csv}); });
  };
  for (const char* name : {"", "a/b", "..", "a b", "a}b", "é"})
    CHECK_THAT(message(name), Contains("is no name for a table"));
  for (const char* name : {"made_up", "results"}) CHECK_THAT(message(name), Contains("is taken"));
  CHECK_FALSE(fs::exists(folder / "out"));
}

TEST_CASE("a folder that cannot be made or written is an error with its name") {
  const TempFolder folder;
  folder.add("file", "not a folder");
  CHECK_THAT(message_of([&] { write_tables(folder / "file/tables", {made_up_table()}, {TableFormat::csv}); }),
             Contains((folder / "file/tables").string()));
  CHECK_THAT(message_of([&] { write_tables(folder / "file", {made_up_table()}, {TableFormat::csv}); }),
             Contains((folder / "file").string()));
  if (!fs::is_directory("/proc/self")) SSEG_SKIP("no /proc here");
  CHECK_THAT(message_of([&] { write_tables("/proc/self", {made_up_table()}, {TableFormat::csv}); }),
             Contains("/proc/self"));
}

}  // namespace table_files_test

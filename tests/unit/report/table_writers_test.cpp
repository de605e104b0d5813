#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "sseg/io/csv_table.hpp"
#include "sseg/io/filled_lines.hpp"
#include "sseg/io/utf8.hpp"
#include "sseg/report/table_csv.hpp"
#include "sseg/report/table_json.hpp"
#include "sseg/report/table_markdown.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/report/made_up_table.hpp"

namespace table_writers_test {

using sseg::Cell;
using sseg::CsvTable;
using sseg::fixed_text;
using sseg::Json;
using sseg::Table;
using sseg_test::Contains;
using sseg_test::made_up_table;
using sseg_test::message_of;

TEST_CASE("a row of another length than the table is refused") {
  Table t = made_up_table();
  CHECK_THAT(message_of([&] { t.add({"one", "two"}); }), Contains("a row of 2 cells in a table of 4 columns"));
  CHECK(t.rows.size() == 3);
}

TEST_CASE("numbers have the decimals that were asked for") {
  CHECK(fixed_text(43.456, 1) == "43.5");
  CHECK(fixed_text(175372, 0) == "175372");
  CHECK(fixed_text(-1.25, 1) == "-1.2");
  CHECK(fixed_text(1.2, 2, true) == "+1.20");
  CHECK(fixed_text(-1.2, 2, true) == "-1.20");
  CHECK(fixed_text(-0.001, 2) == "0.00");
  CHECK(fixed_text(0.001, 2, true) == "0.00");
  CHECK(fixed_text(0.5, -3) == "0");
  CHECK(fixed_text(1, 1000) == "1.00000000000000000");
  CHECK(fixed_text(std::numeric_limits<double>::max(), 17).size() == 309 + 1 + 17);
  CHECK(fixed_text(std::nan(""), 2, true) == "NaN");
  CHECK(fixed_text(-std::numeric_limits<double>::infinity(), 2) == "-inf");
  CHECK(fixed_text(std::numeric_limits<double>::infinity(), 2, true) == "+inf");
}

TEST_CASE("a column of numbers and empty cells holds numbers") {
  const Table t = made_up_table();
  CHECK_FALSE(sseg::holds_numbers(t, 0));
  CHECK(sseg::holds_numbers(t, 1));
  CHECK(sseg::holds_numbers(t, 2));
  CHECK_FALSE(sseg::holds_numbers(t, 3));
  Table empty{.name = "empty", .columns = {{"a", ""}}};
  empty.add({Cell()});
  CHECK_FALSE(sseg::holds_numbers(empty, 0));
}

TEST_CASE("a table in Markdown") {
  CHECK(
      sseg::to_markdown(made_up_table()) ==
      "**5-way on “shapes”, 100 % held back: a\\_b \\& c\\|d**\n\n"
      "| net             |     1-shot (%) | parameters | 32² × 3 \\| ±                                           |\n"
      "|-----------------|---------------:|-----------:|--------------------------------------------------------|\n"
      "| trained, \"best\" | **43.5 ± 0.8** |     175372 | 32+1 \\> 48                                             |\n"
      "| two lines       |           0.00 |            | --resume 中文 żółć Ω ≥ 1                               |\n"
      "|                 |                |         12 | **\\[1,2\\] \\*and\\* \\`so\\` on\\_ {x} #1 \\& "
      "\\\\end{table}** |\n"
      "\n- 600 episodes, seed 1; ± 1.96·s/√n\n- \\# 50% of {these} \\\\ are \\$made\\_up\\$ \\~ ^ \\<b\\>\n");
}

TEST_CASE("every line of a Markdown table is as wide as the others") {
  Table t = made_up_table();
  t.add({"e\u0301 broken \xFF", {1e9, 0.5, 3}, {}, "한국어 🙂"});
  sseg::Index width = 0;
  int rows = 0;
  for (const std::string& line : sseg::filled_lines(sseg::to_markdown(t)))
    if (line.starts_with('|')) {
      if (rows++ == 0) width = sseg::utf8_width(line);
      CHECK(sseg::utf8_width(line) == width);
      std::string plain = line;
      for (std::size_t at; (at = plain.find("\\|")) != plain.npos;) plain.erase(at, 2);
      CHECK(std::count(plain.begin(), plain.end(), '|') == 5);
    }
  CHECK(rows == 6);
}

TEST_CASE("a note of a Markdown table is no heading and no list") {
  Table t{.name = "t", .columns = {{"a", ""}}, .notes = {"- x", "+1", "12. y", "3) z", "=", "1.5 points", "", "12"}};
  CHECK(sseg::to_markdown(t) ==
        "| a |\n|---|\n\n- \\- x\n- \\+1\n- 12\\. y\n- 3\\) z\n- \\=\n- 1\\.5 points\n- \n- 12\n");
}

TEST_CASE("a table in CSV reads back, with all digits and a column of half-widths") {
  const Table t = made_up_table();
  const std::string text = sseg::to_csv(t);
  const CsvTable read(text, "made up");
  CHECK(read.columns() ==
        std::vector<std::string>{"net", "1-shot (%)", "1-shot (%) ±", "parameters", "32² × 3 | ±", "about"});
  REQUIRE(read.size() == 3);
  CHECK(read.cell(0, 0) == "trained, \"best\"");
  CHECK(read.cell(0, 1) == "43.456");
  CHECK(read.cell(0, 2) == "0.849");
  CHECK(read.cell(0, 3) == "175372");
  CHECK(read.cell(1, 0) == "two\nlines");
  CHECK(read.cell(1, 1) == "-0.001");
  CHECK(read.cell(1, 2).empty());
  CHECK(read.cell(1, 4) == "--resume 中文 żółć Ω ≥ 1");
  CHECK(read.cell(2, 4) == t.rows[2][3].text);
  for (sseg::Index r = 0; r < 3; ++r) CHECK(read.cell(r, 5) == t.caption + " | " + t.notes[0] + " | " + t.notes[1]);
}

TEST_CASE("a row of one empty cell is a row in CSV too") {
  Table t{.name = "t", .columns = {{"a", ""}}};
  t.add({Cell()});
  t.add({"x"});
  const std::string text = sseg::to_csv(t);
  CHECK(text == "a\n\"\"\nx\n");
  CHECK(CsvTable(text, "t").size() == 2);
}

TEST_CASE("a heading of nothing but a byte order mark is a heading in CSV") {
  Table t{.name = "t", .columns = {{"\xEF\xBB\xBF", ""}}};
  t.add({"x"});
  const std::string text = sseg::to_csv(t);
  CHECK(CsvTable(text, "t").size() == 1);
}

TEST_CASE("a table in JSON reads back as it was") {
  const Table t = made_up_table();
  const std::string text = sseg::to_text(sseg::to_json(t), 2);
  CHECK(sseg::table_from_json(sseg::parse_json(text, "t"), "t") == t);
  CHECK_THAT(text, Contains("--resume 中文 żółć Ω ≥ 1"));
}

TEST_CASE("a number that is none is null in JSON, and not a number when it is read") {
  Table t{.name = "t", .columns = {{"a", ""}}};
  t.add({Cell(std::nan(""), std::numeric_limits<double>::infinity(), 2)});
  const Json json = sseg::to_json(t);
  CHECK(json["rows"][0][0]["value"].is_null());
  CHECK(json["rows"][0][0]["half_width"].is_null());
  const Table read = sseg::table_from_json(json, "t");
  CHECK(std::isnan(read.rows[0][0].value.value_or(0)));
  CHECK(std::isnan(read.rows[0][0].half_width.value_or(0)));
}

TEST_CASE("JSON that is no table is refused with the place") {
  const Json good = sseg::to_json(made_up_table());
  const auto message = [&](auto&& spoil) {
    Json json = good;
    spoil(json);
    return message_of([&] { sseg::table_from_json(json, "t.json"); });
  };
  CHECK_THAT(message([](Json& j) { j.erase("notes"); }), Contains("the table has no 'notes'"));
  CHECK_THAT(message([](Json& j) { j["title"] = 1; }), Contains("no field 'title'"));
  CHECK_THAT(message([](Json& j) { j = Json::array(); }), Contains("found no object"));
  CHECK_THAT(message([](Json& j) { j["rows"] = "none"; }), Contains("t.json.rows"));
  CHECK_THAT(message([](Json& j) { j["rows"][1] = 5; }), Contains("t.json.rows[1]"));
  CHECK_THAT(message([](Json& j) { j["rows"][1].push_back("more"); }), Contains("a row of 5 cells"));
  CHECK_THAT(message([](Json& j) { j["rows"][0][1]["value"] = "much"; }), Contains("t.json.rows[0][1].value"));
  CHECK_THAT(message([](Json& j) { j["rows"][0][1]["decimals"] = 18; }), Contains("no such number of decimals"));
  CHECK_THAT(message([](Json& j) { j["rows"][0][1]["decimals"] = -1; }), Contains("give 0 to 17"));
  CHECK_THAT(message([](Json& j) { j["rows"][0][1].erase("value"); }), Contains("an interval without a value"));
  CHECK_THAT(message([](Json& j) { j["rows"][0][0] = true; }), Contains("t.json.rows[0][0]"));
  CHECK_THAT(message([](Json& j) { j["columns"][0]["width"] = 1; }), Contains("t.json.columns[0]"));
}

}  // namespace table_writers_test

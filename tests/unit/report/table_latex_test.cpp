#include "sseg/report/table_latex.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "sseg/io/atomic_file.hpp"
#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/temp_folder.hpp"
#include "unit/report/made_up_table.hpp"

namespace table_latex_test {

using sseg::Cell;
using sseg::latex_text;
using sseg::Table;
using sseg_test::Contains;
using sseg_test::made_up_table;
using sseg_test::TempFolder;

TEST_CASE("text in LaTeX is text") {
  CHECK(latex_text("100 % of a_b & c#1 $x$ {y}") == "100 \\% of a\\_b \\& c\\#1 \\$x\\$ \\{y\\}");
  CHECK(latex_text("\\end^~") == "\\textbackslash{}end\\textasciicircum{}\\textasciitilde{}");
  CHECK(latex_text("a<b>c|d") == "a\\textless{}b\\textgreater{}c\\textbar{}d");
  CHECK(latex_text("[1] *") == "{[}1{]} {*}");
  CHECK(latex_text("--x ,, '' a-b") == "-{}-x ,{}, '{}' a-b");
  CHECK(latex_text("5 ± 2 × 3²") == "5 \\ensuremath{\\pm} 2 \\ensuremath{\\times} 3\\ensuremath{^{2}}");
  CHECK(latex_text("a\nb\tc") == "a b c");
  CHECK(latex_text("żółć é “x”") == "żółć é “x”");
  CHECK(latex_text("中") == "\\ssegchar{4E2D}{中}");
  CHECK(latex_text("\xFF") == "\\ssegchar{FFFD}{\xEF\xBF\xBD}");
}

TEST_CASE("a table in LaTeX has caption, label, rules, rows and notes") {
  const std::string text = sseg::to_latex(made_up_table());
  CHECK_THAT(
      text,
      Contains(
          "\\caption{5-way on “shapes”, 100 \\% held back: a\\_b \\& c\\textbar{}d}\n\\label{tab:made_up}\n\\par"));
  CHECK_THAT(text, Contains("\\begin{tabular}{lrrl}\n\\toprule\nnet & 1-shot (\\%) & parameters & "));
  CHECK_THAT(text, Contains("& $\\mathbf{43.5 \\pm 0.8}$ & $175372$ & 32+1 \\textgreater{} 48 \\\\\n"));
  CHECK_THAT(text, Contains("\\bottomrule\n"));
  CHECK_THAT(
      text,
      Contains("600 episodes, seed 1; \\ensuremath{\\pm} 1.96\\ensuremath{\\cdot}s/\\ensuremath{\\surd}n\\par\n"));
  CHECK_THAT(text, Contains("\\protected\\def\\ssegchar"));
  Table plain{.name = "plain", .columns = {{"a", ""}}};
  plain.add({Cell(-1.25, 0.5, 2)});
  plain.rows[0][0].plus = true;
  CHECK_THAT(sseg::to_latex(plain), Contains("$-1.25 \\pm 0.50$"));
  CHECK(sseg::to_latex(plain).find("ssegchar") == std::string::npos);
  CHECK(sseg::to_latex(plain).find("minipage") == std::string::npos);
}

TEST_CASE("numbers that are none have their signs in LaTeX") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Table t{.name = "t", .columns = {{"a", ""}, {"b", ""}, {"c", ""}}};
  t.add({Cell(std::nan(""), 1), Cell(-infinity, 1), Cell(infinity, 1)});
  CHECK_THAT(sseg::to_latex(t), Contains("$\\mathrm{NaN}$ & $-\\infty$ & $\\infty$"));
}

TEST_CASE("a long table goes on in a float of the same number, every row once") {
  Table t{.name = "long", .caption = "Long", .columns = {{"row", ""}}, .notes = {"once"}};
  for (int r = 0; r < 71; ++r) t.add({"row " + std::to_string(r) + "."});
  const std::string text = sseg::to_latex(t);
  const auto count = [&](const std::string& part) {
    int n = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
    return n;
  };
  CHECK(count("\\begin{table}") == 3);
  CHECK(count("\\end{table}") == 3);
  CHECK(count("\\label{tab:long}") == 1);
  CHECK(count("(continued)") == 2);
  CHECK(count("\\addtocounter{table}{-1}") == 2);
  CHECK(count("once") == 1);
  for (int r = 0; r < 71; ++r) CHECK(count("row " + std::to_string(r) + ".") == 1);
}

namespace {

/// The UTF-8 of a code point below U+10000.
std::string utf8(char32_t c) {
  const auto byte = [](char32_t lead, char32_t bits) { return static_cast<char>(lead | bits); };
  if (c < 0x80) return {byte(0, c)};
  if (c < 0x800) return {byte(0xC0, c >> 6), byte(0x80, c & 63)};
  return {byte(0xE0, c >> 12), byte(0x80, c >> 6 & 63), byte(0x80, c & 63)};
}

/// All that `latex_text` has a way with, in words of ten characters.
std::string every_character() {
  std::string text;
  int n = 0;
  const auto add = [&](char32_t c) { text += utf8(c) + (++n % 10 == 0 ? " " : ""); };
  for (char32_t c = 0x21; c < 0x7F; ++c) add(c);
  for (char32_t c = 0xA0; c < 0x180; ++c) add(c);
  for (const auto& sign : sseg::detail::latex_signs) add(sign.first);
  for (const char32_t c : std::u32string_view(U"–—‘’“”…€中")) add(c);
  return text;
}

}  // namespace

TEST_CASE("pdflatex makes a document of tables without an error") {
  if (std::system("pdflatex --version > /dev/null 2>&1") != 0) SSEG_SKIP("pdflatex is not installed");
  std::vector<Table> tables(30, made_up_table());
  tables[1].caption = every_character();
  tables[1].notes.push_back(every_character());
  tables[1].add({every_character(), {std::nan(""), 1}, {}, "wider than the page"});
  for (const char* start : {"[", "*", "\\", "&", "-"}) tables[1].add({start, {1, 2, 1}, {}, ""});
  for (int r = 0; r < 100; ++r) tables[2].add({"a row", {1, 2}, {}, {}});
  for (std::size_t t = 0; t < tables.size(); ++t) tables[t].name += std::to_string(t);

  const TempFolder folder;
  sseg::write_file_atomically(folder / "results.tex", sseg::latex_document(tables));
  const std::string command = "cd '" + folder.path().string() +
                              "' && pdflatex -halt-on-error -interaction=nonstopmode results.tex > out.txt 2>&1";
  const bool first = std::system(command.c_str()) == 0, second = first && std::system(command.c_str()) == 0;
  if (!second) WARN(sseg::read_file(folder / "out.txt"));
  REQUIRE(second);  // the second time reads what the first wrote
  CHECK(sseg::read_file(folder / "results.pdf").starts_with("%PDF"));
  const std::string log = sseg::read_file(folder / "results.log");
  for (const char* complaint : {"Missing character", "Overfull", "undefined", "multiply defined"}) {
    CAPTURE(complaint);
    CHECK(log.find(complaint) == log.npos);
  }
}

}  // namespace table_latex_test

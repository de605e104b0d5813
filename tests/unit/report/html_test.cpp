#include <string>

#include "sseg/report/html_base64.hpp"
#include "sseg/report/html_page.hpp"
#include "sseg/report/html_picture.hpp"
#include "support/catch.hpp"
#include "support/xml_check.hpp"
#include "unit/io/contains.hpp"
#include "unit/report/made_up_table.hpp"

namespace html_test {

using sseg::html_base64;
using sseg::html_text;
using sseg::HtmlPage;
using sseg_test::Contains;
using sseg_test::XmlCheck;

TEST_CASE("what means something in HTML and XML is escaped") {
  CHECK(html_text("<b> & \"it's\"") == "&lt;b&gt; &amp; &quot;it&#39;s&quot;");
  CHECK(html_text("±, 日本") == "±, 日本");
  CHECK(html_text(std::string("a\0b\x1b\xff\n", 6)) ==
        "a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD\xEF\xBF\xBD\n");
  CHECK(html_text("\xEF\xBF\xBF") == "\xEF\xBF\xBD");  // U+FFFF is no character of XML
}

TEST_CASE("base 64 gives the vectors of RFC 4648") {
  CHECK(html_base64("").empty());
  CHECK(html_base64("f") == "Zg==");
  CHECK(html_base64("fo") == "Zm8=");
  CHECK(html_base64("foo") == "Zm9v");
  CHECK(html_base64("foob") == "Zm9vYg==");
  CHECK(html_base64("fooba") == "Zm9vYmE=");
  CHECK(html_base64("foobar") == "Zm9vYmFy");
  CHECK(html_base64("\xfb\xff\xfe") == "+//+");
}

TEST_CASE("a page holds its parts, well formed, and asks nothing of the network") {
  HtmlPage page("Run <1>");
  page.lead("5 < 6 & so on");
  page.section("Part \"one\"");
  page.paragraph("it's", "missing");
  page.folded("more", "a: <b>\n");
  page.table(sseg_test::made_up_table());
  page.markup(html_picture(sseg::Picture{2, 3, 1, {0, 50, 100, 150, 200, 255}}, "a \"picture\"", 4));
  const std::string text = page.text();
  XmlCheck check(text, true);
  CHECK(check.fault() == "");
  CHECK_THAT(text, Contains("<title>Run &lt;1&gt;</title>"));
  CHECK_THAT(text, Contains("<a href=\"#part-1\">Part &quot;one&quot;</a>"));
  CHECK_THAT(text, Contains("<meta name=\"viewport\""));
  CHECK_THAT(text, Contains("width=\"12\" height=\"8\" alt=\"a &quot;picture&quot;\""));
  CHECK_THAT(text, Contains("src=\"data:image/png;base64,iVBORw0KGgo"));
  for (const char* outside : {"http:", "https:", "<script", "@import", "url("}) CHECK(text.find(outside) == text.npos);
}

TEST_CASE("a table in HTML has its caption, cells, intervals and notes") {
  sseg::Table t{
      .name = "t", .caption = "A & B", .columns = {{"net", ""}, {"accuracy", "%"}}, .rows = {}, .notes = {"<n>"}};
  sseg::Cell best(71.25, 0.5, 1);
  best.strong = true;
  t.add({"<trained>", best});
  t.add({"none", {}});
  const std::string text = html_table(t);
  CHECK(XmlCheck("<div>" + text + "</div>", true).fault() == "");
  CHECK_THAT(text, Contains("<p class=\"caption\">A &amp; B</p>"));
  CHECK_THAT(text, Contains("<th scope=\"col\" class=\"number\">accuracy (%)</th>"));
  CHECK_THAT(text, Contains("<td>&lt;trained&gt;</td><td class=\"number\"><strong>71.2 ± 0.5</strong></td>"));
  CHECK_THAT(text, Contains("<td>none</td><td class=\"number\"></td>"));
  CHECK_THAT(text, Contains("<li>&lt;n&gt;</li>"));
}

}  // namespace html_test

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "sseg/report/svg_bar_plot.hpp"
#include "sseg/report/svg_heat_map.hpp"
#include "sseg/report/svg_line_plot.hpp"
#include "sseg/report/svg_scatter_plot.hpp"
#include "sseg/report/svg_stage_plot.hpp"
#include "support/catch.hpp"
#include "support/xml_check.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace svg_test {

using sseg::LinePlot;
using sseg::svg_label;
using sseg::SvgTicks;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::XmlCheck;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

std::string fault(const std::string& svg) {
  const std::string own = XmlCheck(svg).fault();
  const std::string file = sseg::svg_file(svg);
  return own.empty() ? XmlCheck(file).fault() : own;
}
/// How often a tag stands in a drawing.
std::ptrdiff_t count(const std::string& svg, const std::string& tag) {
  XmlCheck check(svg);
  check.fault();
  return std::count(check.tags().begin(), check.tags().end(), tag);
}
/// No number that SVG does not know.
bool finite(const std::string& svg) { return svg.find("=\"NaN") == svg.npos && svg.find("=\"inf") == svg.npos; }

}  // namespace

TEST_CASE("the checker of XML finds what is wrong") {
  CHECK(XmlCheck("<a b=\"c\"><d/>&amp;</a>").fault().empty());
  CHECK_THAT(XmlCheck("<a><b></a>").fault(), Contains("closes nothing"));
  CHECK_THAT(XmlCheck("<a>").fault(), Contains("is not closed"));
  CHECK_THAT(XmlCheck("<a b=c/>").fault(), Contains("not quoted"));
  CHECK_THAT(XmlCheck("<a>x & y</a>").fault(), Contains("a bare &"));
  CHECK_THAT(XmlCheck("<a b=\"1\" b=\"2\"/>").fault(), Contains("twice"));
}

TEST_CASE("ticks are 1, 2 or 5 times a power of ten and hold all values") {
  const SvgTicks t = SvgTicks::over(0.03, 0.97);
  CHECK(t.low == 0);
  CHECK(t.high == Approx(1));
  CHECK(t.at.size() == 6);
  CHECK(t.at[1] == Approx(0.2));
  CHECK(t.place(0.5) == Approx(0.5));
  const SvgTicks big = SvgTicks::over(12345, 98765);
  CHECK((big.low == 0 && big.high == 100000 && big.at.size() == 6));
  const SvgTicks below = SvgTicks::over(-7, 12);
  CHECK((below.low <= -7 && below.high >= 12));
  CHECK(std::find(below.at.begin(), below.at.end(), 0.) != below.at.end());
  CHECK(SvgTicks::over(0, 2, 5, true).at == std::vector<double>{0, 1, 2});
  CHECK(SvgTicks::over(0, 20, 5).at.size() == 5);  // 4 is nearer to 5 than to 2
}

TEST_CASE("an axis can be read whatever it is to show") {
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{{3, 3},
                                                                        {0, 0},
                                                                        {no_number, no_number},
                                                                        {-infinite, infinite},
                                                                        {5, -5},
                                                                        {1e-300, 2e-300},
                                                                        {0, 5e-324},
                                                                        {-1e308, 1e308},
                                                                        {1, 1 + 1e-15}}) {
    const SvgTicks t = SvgTicks::over(low, high);
    INFO(low << " … " << high);
    CHECK((std::isfinite(t.low) && std::isfinite(t.high) && t.low < t.high));
    CHECK((t.at.size() >= 2 && t.at.size() <= 100));
    CHECK((t.at.front() == t.low && t.at.back() == t.high));
    CHECK(std::isfinite(t.place((t.low + t.high) / 2)));
  }
}

TEST_CASE("labels of numbers are short") {
  CHECK(svg_label(0.1 + 0.2) == "0.3");
  CHECK(svg_label(100000) == "100000");
  CHECK(svg_label(-0.) == "0");
  CHECK(svg_label(2.5e8) == "2.5e+08");
  CHECK(svg_label(no_number) == "NaN");
  CHECK(sseg::svg_short_label(450000) == "450k");
  CHECK(sseg::svg_short_label(-1.2e6) == "-1.2M");
  CHECK(sseg::svg_short_label(5000) == "5000");
  CHECK(sseg::svg_short_label(3e9) == "3G");
  CHECK(sseg::svg_short_label(1e15) == "1e+15");
}

TEST_CASE("curves break where a value is not finite, and tips tell the values") {
  LinePlot plot{.title = "a <b> & \"c\"",
                .x_label = "x'",
                .y_label = "y",
                .series = {{"one", {{0, 1}, {1, 2}, {2, no_number}, {3, 4}, {4, infinite}, {5, 3}}}, {"two", {{0, 0}}}},
                .marks = {{2, "<grow>"}, {2.01, "hidden"}}};
  const std::string svg = sseg::svg_line_plot(plot);
  CHECK(fault(svg) == "");
  CHECK(finite(svg));
  CHECK(count(svg, "circle") == 5);
  CHECK_THAT(svg, Contains("<title>one: 4 at 3</title>"));
  CHECK_THAT(svg, Contains("role=\"img\" aria-label=\"a &lt;b&gt; &amp; &quot;c&quot;: y over x&#39;\""));
  CHECK_THAT(svg, Contains(">&lt;grow&gt;</text>"));
  CHECK(svg.find(">hidden</text>") == svg.npos);  // it would lie over the other
  CHECK(svg == sseg::svg_line_plot(plot));
}

TEST_CASE("empty, single and constant series are plots too") {
  for (const auto& points : std::vector<std::vector<std::pair<double, double>>>{
           {}, {{1, 1}}, {{no_number, no_number}}, {{0, 5}, {1, 5}, {2, 5}}, {{infinite, 0}}}) {
    const std::string svg = sseg::svg_line_plot({.title = "t", .series = {{"s", points}}});
    CHECK(fault(svg) == "");
    CHECK(finite(svg));
    const bool none = points.empty() || !std::isfinite(points[0].first);
    CHECK((svg.find("no values") != svg.npos) == none);
  }
  CHECK(fault(sseg::svg_line_plot({})) == "");
}

TEST_CASE("bars have their interval, in both directions") {
  const std::string svg = sseg::svg_bar_plot(
      {.title = "t", .value_label = "%", .bars = {{"<a>", 50, 5}, {"b", -10, 0}, {"c", no_number, 1}}});
  CHECK(fault(svg) == "");
  CHECK(finite(svg));
  CHECK(count(svg, "rect") == 2);
  CHECK_THAT(svg, Contains("<title>&lt;a&gt;: 50.00 ± 5.00</title>"));
  CHECK_THAT(svg, Contains("<title>b: -10.00</title>"));
  CHECK_THAT(svg, Contains("no value"));
  CHECK(fault(sseg::svg_bar_plot({})) == "");
}

TEST_CASE("a heat map shades shares") {
  const std::string svg =
      sseg::svg_heat_map({.title = "t", .names = {"a", "b & c"}, .share = {0.75, 0.25, no_number, 1}});
  CHECK(fault(svg) == "");
  CHECK(finite(svg));
  CHECK(count(svg, "rect") == 4);  // three shares, and the frame
  CHECK_THAT(svg, Contains("<title>a taken for b &amp; c: 25.0 %</title>"));
  CHECK_THAT(svg, Contains("fill-opacity=\"0.6\""));
  CHECK(fault(sseg::svg_heat_map({})) == "");
  CHECK_THAT(message_of([] { return sseg::svg_heat_map({.names = {"a"}, .share = {}}); }),
             Contains("names and shares of a heat map do not fit"));
}

TEST_CASE("a scatter plot names its classes and leaves out what is not finite") {
  sseg::ScatterPlot plot{.title = "t", .classes = {}, .points = {{no_number, 1, 0, "x"}, {0, infinite, 0, "x"}}};
  for (std::size_t k = 0; k < 14; ++k) {
    plot.classes.push_back("class " + std::to_string(k));
    plot.points.push_back({static_cast<double>(k), 1, k, "<" + std::to_string(k) + ">"});
  }
  const std::string svg = sseg::svg_scatter_plot(plot);
  CHECK(fault(svg) == "");
  CHECK(finite(svg));
  CHECK(count(svg, "title") == 14);
  CHECK_THAT(svg, Contains("<title>&lt;13&gt;</title>"));
  CHECK_THAT(svg, Contains(">class 13</text>"));
  CHECK(fault(sseg::svg_scatter_plot({})) == "");
}

TEST_CASE("stages are read from the words for a net") {
  using Stages = std::vector<sseg::StagePlot::Stage>;
  CHECK(sseg::stages_named("32") == Stages{{32, 0}});
  CHECK(sseg::stages_named("32+1 > 48 > 64+2") == Stages{{32, 1}, {48, 0}, {64, 2}});
  for (const char* other : {"", "32+", "a", "32 >", "32 > ", "-1", "32+1 48", "99999999999999999999"})
    CHECK(sseg::stages_named(other).empty());
}

TEST_CASE("a net that grows is a row a moment, changes in another colour") {
  const std::string svg = sseg::svg_stage_plot(
      {"t", {{"step 0", {{32, 0}, {32, 0}}}, {"<grow>", {{32, 1}, {32, 0}, {64, 0}}}, {"none", {}}}});
  CHECK(fault(svg) == "");
  CHECK(count(svg, "rect") == 5);
  CHECK_THAT(svg, Contains("<title>32 channels, 1 residual blocks</title>"));
  CHECK_THAT(svg, Contains(">32 +1</text>"));
  CHECK(fault(sseg::svg_stage_plot({})) == "");
}

}  // namespace svg_test

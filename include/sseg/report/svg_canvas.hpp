#pragma once
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/report/html_text.hpp"
#include "sseg/report/svg_style.hpp"
#include "sseg/report/table_text.hpp"

namespace sseg {

/// Where a text is anchored.
enum class SvgAnchor { start, middle, end };

/// Writes one drawing as SVG 1.1 text. Coordinates in its own units, to a hundredth; elements with a coordinate that is
/// not finite are left out. All text is escaped. `tip`: what a browser shows when the pointer rests on the element.
class SvgCanvas {
 public:
  /// `label`: the whole in a sentence, for those who do not see it.
  SvgCanvas(double width, double height, std::string label)
      : width_(width), height_(height), label_(std::move(label)) {}

  double width() const { return width_; }
  double height() const { return height_; }

  void line(double x1, double y1, double x2, double y2, std::string_view style, std::string_view tip = {}) {
    element("line", {{"x1", x1}, {"y1", y1}, {"x2", x2}, {"y2", y2}}, style, tip);
  }
  void rect(double x, double y, double width, double height, std::string_view style, std::string_view tip = {},
            double opacity = 1) {
    element("rect", {{"x", x}, {"y", y}, {"width", width}, {"height", height}}, style, tip, opacity);
  }
  void circle(double x, double y, double radius, std::string_view style, std::string_view tip = {}) {
    element("circle", {{"cx", x}, {"cy", y}, {"r", radius}}, style, tip);
  }
  void text(double x, double y, std::string_view words, SvgAnchor anchor = SvgAnchor::start,
            std::string_view style = {}, double turn = 0) {
    if (!finite({x, y})) return;
    constexpr std::string_view names[]{"start", "middle", "end"};
    body_ += "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" +
             std::string(names[static_cast<int>(anchor)]) + "\"";
    if (!style.empty()) body_ += " class=\"" + std::string(style) + "\"";
    if (turn != 0) body_ += " transform=\"rotate(" + number(turn) + " " + number(x) + " " + number(y) + ")\"";
    body_ += ">" + html_text(words) + "</text>\n";
  }
  /// A line through points; one that is not finite breaks it.
  void polyline(const std::vector<std::pair<double, double>>& points, std::string_view style) {
    std::string path;
    bool pen_down = false;
    for (const auto& [x, y] : points) {
      const bool there = finite({x, y});
      if (there) path += (pen_down ? "L" : "M") + number(x) + " " + number(y);
      pen_down = there;
    }
    if (!path.empty()) this->path(path, style);
  }
  /// `path`: SVG's own path data.
  void path(std::string_view path, std::string_view style, std::string_view tip = {}) {
    body_ += "<path d=\"" + std::string(path) + "\" class=\"" + std::string(style) + "\"";
    close("path", tip);
  }

  /// The drawing, `<svg …>…</svg>`; its colours come with `svg_style`.
  std::string finish() const {
    const std::string width = number(width_), height = number(height_);
    return R"(<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 )" + width + " " + height +
           R"(" width=")" + width + R"(" height=")" + height + R"(" role="img" aria-label=")" + html_text(label_) +
           "\">\n" + body_ + "</svg>";
  }

  /// A coordinate: at most two decimals, no zeros at the end.
  static std::string number(double value) {
    std::string text = fixed_text(value, 2);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
  }

 private:
  using Attributes = std::vector<std::pair<std::string_view, double>>;

  static bool finite(const std::vector<double>& values) {
    for (const double v : values)
      if (!std::isfinite(v)) return false;
    return true;
  }
  void element(const std::string& name, const Attributes& attributes, std::string_view style, std::string_view tip = {},
               double opacity = 1) {
    std::string text = "<" + name;
    for (const auto& [key, value] : attributes) {
      if (!std::isfinite(value)) return;
      text += " " + std::string(key) + "=\"" + number(value) + "\"";
    }
    body_ += text + " class=\"" + std::string(style) + "\"";
    if (opacity < 1) body_ += " fill-opacity=\"" + number(opacity) + "\"";
    close(name, tip);
  }
  void close(const std::string& name, std::string_view tip) {
    if (tip.empty())
      body_ += "/>\n";
    else
      body_ += "><title>" + html_text(tip) + "</title></" + name + ">\n";
  }

  double width_, height_;
  std::string label_, body_;
};

}  // namespace sseg

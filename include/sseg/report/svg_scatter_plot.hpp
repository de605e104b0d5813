#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "sseg/report/svg_heat_map.hpp"
#include "sseg/report/svg_line_plot.hpp"

namespace sseg {

/// Points of classes in a plane. Classes are told apart by colour and shape.
struct ScatterPlot {
  struct Point {
    double x = 0, y = 0;
    std::size_t of_class = 0;
    std::string tip{};
  };
  std::string title{}, x_label{}, y_label{};
  std::vector<std::string> classes{};
  std::vector<Point> points{};
};

namespace detail {

/// Disc, square, triangle, diamond, cross, triangle upside down: the next shape where the colours begin again, and one
/// on, so that neighbours in the list differ in both.
inline void draw_marker(SvgCanvas& canvas, double x, double y, std::size_t of_class, std::string_view tip) {
  if (!std::isfinite(x) || !std::isfinite(y)) return;
  const std::string style = "k" + std::to_string(of_class % svg_colours);
  const auto at = [&](double dx, double dy) { return SvgCanvas::number(x + dx) + " " + SvgCanvas::number(y + dy); };
  switch ((of_class + of_class / svg_colours) % 6) {
    case 0:
      return canvas.circle(x, y, 3.4, style, tip);
    case 1:
      return canvas.rect(x - 3.1, y - 3.1, 6.2, 6.2, style, tip);
    case 2:
      return canvas.path("M" + at(0, -4.2) + "L" + at(3.9, 3) + "L" + at(-3.9, 3) + "Z", style, tip);
    case 3:
      return canvas.path("M" + at(0, -4.6) + "L" + at(4.6, 0) + "L" + at(0, 4.6) + "L" + at(-4.6, 0) + "Z", style, tip);
    case 4:
      return canvas.path("M" + at(-3.4, -3.4) + "L" + at(3.4, 3.4) + "M" + at(-3.4, 3.4) + "L" + at(3.4, -3.4),
                         "cross " + style, tip);
    default:
      return canvas.path("M" + at(0, 4.2) + "L" + at(3.9, -3) + "L" + at(-3.9, -3) + "Z", style, tip);
  }
}

}  // namespace detail

/// The plot as SVG, its classes named below.
inline std::string svg_scatter_plot(const ScatterPlot& plot) {
  constexpr std::size_t columns = 4;
  const std::size_t lines = (plot.classes.size() + columns - 1) / columns;
  SvgCanvas canvas(480, 400 + 18 * static_cast<double>(lines),
                   plot.title + ": " + plot.y_label + " over " + plot.x_label);
  detail::FiniteRange x, y;
  for (const auto& p : plot.points)
    if (std::isfinite(p.x) && std::isfinite(p.y)) x.add(p.x), y.add(p.y);
  SvgAxes axes{.right = canvas.width() - 14, .bottom = 356};
  axes.across = SvgTicks::over(x.low, x.high, 6);
  axes.up = SvgTicks::over(y.low, y.high, 6);
  axes.make_room();
  axes.draw(canvas, plot.title, plot.x_label, plot.y_label);
  for (const auto& p : plot.points) detail::draw_marker(canvas, axes.x(p.x), axes.y(p.y), p.of_class, p.tip);
  for (std::size_t k = 0; k < plot.classes.size(); ++k) {
    const std::size_t line = k / columns;
    const double across = 16 + 115 * static_cast<double>(k % columns), down = 408 + 18 * static_cast<double>(line);
    detail::draw_marker(canvas, across, down - 4, k, {});
    canvas.text(across + 9, down, detail::short_name(plot.classes[k], 15), SvgAnchor::start, "small");
  }
  return canvas.finish();
}

}  // namespace sseg

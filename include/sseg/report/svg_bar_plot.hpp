#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sseg/report/svg_axes.hpp"
#include "sseg/report/svg_line_plot.hpp"

namespace sseg {

/// Values side by side, each with the half-width of its interval (0: none). Bars lie, so that their names can be long.
struct BarPlot {
  struct Bar {
    std::string name{};
    double value = 0, half_width = 0;
    int colour = 0;
  };
  std::string title{}, value_label{};
  std::vector<Bar> bars{};
};

namespace detail {

inline void draw_bar(SvgCanvas& canvas, const SvgAxes& axes, const BarPlot::Bar& bar, double y) {
  canvas.text(axes.left, y + 11, bar.name, SvgAnchor::start, "small");
  if (!std::isfinite(bar.value)) return canvas.text(axes.left, y + 25, "no value", SvgAnchor::start, "small");
  const bool interval = std::isfinite(bar.half_width) && bar.half_width > 0;
  const std::string value =
      fixed_text(bar.value, 2) + (interval ? " ± " + fixed_text(bar.half_width, 2) : std::string());
  const double from = axes.x(std::clamp(0., axes.across.low, axes.across.high)), to = axes.x(bar.value);
  canvas.rect(std::min(from, to), y + 16, std::abs(to - from), 12, "k" + std::to_string(bar.colour % svg_colours),
              bar.name + ": " + value, 0.75);
  double end = std::max(from, to);
  if (interval) {
    const double a = axes.x(bar.value - bar.half_width), b = axes.x(bar.value + bar.half_width);
    canvas.line(a, y + 22, b, y + 22, "error");
    canvas.line(a, y + 18, a, y + 26, "error");
    canvas.line(b, y + 18, b, y + 26, "error");
    end = std::max(end, b);
  }
  canvas.text(end + 6, y + 26, value, SvgAnchor::start, "small");
}

}  // namespace detail

/// The plot as SVG; the axis holds 0.
inline std::string svg_bar_plot(const BarPlot& plot) {
  constexpr double each = 34;
  const auto count = static_cast<double>(plot.bars.size());
  SvgCanvas canvas(480, 34 + each * std::max(1., count) + 48, plot.title + ": " + plot.value_label);
  detail::FiniteRange range;
  range.add(0);
  for (const auto& b : plot.bars)
    for (const double end : {b.value - std::max(0., b.half_width), b.value + std::max(0., b.half_width)})
      range.add(end);
  SvgAxes axes{.left = 16, .top = 28, .right = canvas.width() - 96, .bottom = canvas.height() - 44};
  axes.across = SvgTicks::over(range.low, range.high);
  canvas.text(axes.left, 16, plot.title, SvgAnchor::start, "title");
  for (const double v : axes.across.at) {
    canvas.line(axes.x(v), axes.top, axes.x(v), axes.bottom, "grid");
    canvas.text(axes.x(v), axes.bottom + 16, svg_short_label(v), SvgAnchor::middle, "small");
  }
  canvas.text((axes.left + axes.right) / 2, axes.bottom + 32, plot.value_label, SvgAnchor::middle);
  double y = axes.top;
  for (const auto& b : plot.bars) detail::draw_bar(canvas, axes, b, y), y += each;
  if (plot.bars.empty()) canvas.text(axes.left, y + 20, "no values");
  return canvas.finish();
}

}  // namespace sseg

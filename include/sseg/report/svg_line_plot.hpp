#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "sseg/report/svg_axes.hpp"

namespace sseg {

/// Curves over a common axis, and upright lines at places worth knowing.
struct LinePlot {
  struct Series {
    std::string name{};
    std::vector<std::pair<double, double>> points{};  ///< what is not finite leaves a gap
  };
  struct Mark {
    double x = 0;
    std::string label{};
  };
  std::string title{}, x_label{}, y_label{};
  std::vector<Series> series{};
  std::vector<Mark> marks{};
};

namespace detail {

/// The least and the largest finite value; both NaN when there is none.
struct FiniteRange {
  double low = std::numeric_limits<double>::quiet_NaN(), high = low;
  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::isnan(low) ? value : std::min(low, value);
    high = std::isnan(high) ? value : std::max(high, value);
  }
};

inline SvgAxes axes_of(const LinePlot& plot, const SvgCanvas& canvas) {
  FiniteRange x, y;
  for (const auto& s : plot.series)
    for (const auto& p : s.points)
      if (std::isfinite(p.first) && std::isfinite(p.second)) x.add(p.first), y.add(p.second);
  for (const auto& m : plot.marks) x.add(m.x);
  SvgAxes axes{.right = canvas.width() - 16, .bottom = canvas.height() - 44};
  axes.across = SvgTicks::over(x.low, x.high, 6);
  axes.up = SvgTicks::over(y.low, y.high);
  axes.make_room();
  return axes;
}

/// Names of series at the right above the area.
inline void draw_legend(SvgCanvas& canvas, const std::vector<std::string>& names, double right, double y) {
  double x = right;
  for (std::size_t i = names.size(); i-- > 0;) {
    x -= 6.2 * static_cast<double>(utf8_width(names[i]));
    canvas.text(x, y, names[i], SvgAnchor::start, "small");
    canvas.rect(x - 13, y - 8, 9, 9, "k" + std::to_string(i % svg_colours));
    x -= 22;
  }
}

inline void draw_series(SvgCanvas& canvas, const SvgAxes& axes, const LinePlot::Series& series, std::size_t colour) {
  const std::string style = "k" + std::to_string(colour % svg_colours);
  std::vector<std::pair<double, double>> line;
  for (const auto& [x, y] : series.points) line.emplace_back(axes.x(x), axes.y(y));
  canvas.polyline(line, "line " + style);
  const bool all = series.points.size() <= 400;
  const std::size_t every = all ? 1 : series.points.size() / 400 + 1;
  for (std::size_t i = 0; i < line.size(); i += every)
    canvas.circle(line[i].first, line[i].second, line.size() <= 60 ? 2.4 : 1.2, style,
                  (series.name.empty() ? "" : series.name + ": ") + svg_label(series.points[i].second) + " at " +
                      svg_label(series.points[i].first, 7));
}

/// Upright lines, named above the area; a name that would lie over another is only in the tip.
inline void draw_marks(SvgCanvas& canvas, const SvgAxes& axes, const std::vector<LinePlot::Mark>& marks) {
  double free_from = 0;
  for (const auto& m : marks) {
    const double x = axes.x(m.x), half = 3. * static_cast<double>(utf8_width(m.label));
    canvas.line(x, axes.top, x, axes.bottom, "mark", m.label + " at " + svg_label(m.x, 7));
    if (!(x - half >= free_from) || x + half > canvas.width()) continue;
    canvas.text(x, axes.top - 4, m.label, SvgAnchor::middle, "small");
    free_from = x + half + 4;
  }
}

}  // namespace detail

/// The plot as SVG. Without a finite point it shows empty axes and says so.
inline std::string svg_line_plot(const LinePlot& plot) {
  SvgCanvas canvas(480, 270, plot.title + ": " + plot.y_label + " over " + plot.x_label);
  const SvgAxes axes = detail::axes_of(plot, canvas);
  axes.draw(canvas, plot.title, plot.x_label, plot.y_label);
  detail::draw_marks(canvas, axes, plot.marks);
  std::vector<std::string> names;
  bool any = false;
  for (std::size_t s = 0; s < plot.series.size(); ++s) {
    detail::draw_series(canvas, axes, plot.series[s], s);
    names.push_back(plot.series[s].name);
    for (const auto& p : plot.series[s].points) any = any || (std::isfinite(p.first) && std::isfinite(p.second));
  }
  if (names.size() > 1) detail::draw_legend(canvas, names, axes.right, 16);
  if (!any) canvas.text((axes.left + axes.right) / 2, (axes.top + axes.bottom) / 2, "no values", SvgAnchor::middle);
  return canvas.finish();
}

}  // namespace sseg

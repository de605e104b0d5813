#pragma once
#include <algorithm>
#include <string>

#include "sseg/report/svg_canvas.hpp"
#include "sseg/report/svg_ticks.hpp"

namespace sseg {

/// The area of a plot in its canvas, with its two axes; `x` and `y` say where values lie.
struct SvgAxes {
  double left = 52, top = 38, right = 0, bottom = 0;  ///< of the area, in units of the canvas
  SvgTicks across{}, up{};

  double x(double value) const { return left + across.place(value) * (right - left); }
  double y(double value) const { return bottom - up.place(value) * (bottom - top); }

  /// Moves the left edge so that the numbers beside it do not lie over the label of their axis.
  void make_room() {
    for (const double v : up.at) left = std::max(left, 28 + 6.2 * static_cast<double>(utf8_width(svg_short_label(v))));
  }
  /// Grid, ticks and the words beside them.
  void draw(SvgCanvas& canvas, const std::string& title, const std::string& x_label, const std::string& y_label) const {
    canvas.text(left, 16, title, SvgAnchor::start, "title");
    for (const double v : up.at) {
      canvas.line(left, y(v), right, y(v), "grid");
      canvas.text(left - 6, y(v) + 4, svg_short_label(v), SvgAnchor::end, "small");
    }
    for (const double v : across.at) {
      canvas.line(x(v), bottom, x(v), bottom + 4, "axis");
      canvas.text(x(v), bottom + 16, svg_short_label(v), SvgAnchor::middle, "small");
    }
    canvas.line(left, bottom, right, bottom, "axis");
    canvas.text((left + right) / 2, bottom + 32, x_label, SvgAnchor::middle);
    canvas.text(12, (top + bottom) / 2, y_label, SvgAnchor::middle, "", -90);
  }
};

}  // namespace sseg

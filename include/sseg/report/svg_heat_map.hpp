#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/report/svg_canvas.hpp"

namespace sseg {

/// A table of shares 0 … 1 as shades, a row a name and a column a name; a share that is not finite is left white.
struct HeatMap {
  std::string title{}, row_label{}, column_label{};
  std::vector<std::string> names{};  ///< of rows and columns
  std::vector<double> share{};       ///< row by row
};

namespace detail {

/// The first `most` characters.
inline std::string short_name(std::string_view name, Index most) {
  std::string out;
  Index count = 0;
  each_utf8(name, [&](char32_t, std::string_view bytes) {
    if (++count <= most) out += bytes;
  });
  return count > most ? out + "…" : out;
}

}  // namespace detail

/// The map as SVG. Requires: names² shares. Throws: Error otherwise.
inline std::string svg_heat_map(const HeatMap& map) {
  const std::size_t n = map.names.size();
  require(map.share.size() == n * n, "names and shares of a heat map do not fit", "svg_heat_map",
          "give names² shares, row by row");
  constexpr double left = 118, top = 40, below = 88;
  const double cell = n == 0 ? 20 : std::clamp(346 / static_cast<double>(n), 7., 44.);
  const double side = cell * static_cast<double>(std::max<std::size_t>(n, 1));
  SvgCanvas canvas(480, top + side + below, map.title + ": " + map.row_label + " by " + map.column_label);
  canvas.text(16, 16, map.title, SvgAnchor::start, "title");
  canvas.text(left + side / 2, 32, map.column_label, SvgAnchor::middle, "small");
  canvas.text(12, top + side / 2, map.row_label, SvgAnchor::middle, "small", -90);
  for (std::size_t r = 0; r < n; ++r) {
    const double y = top + cell * static_cast<double>(r), across = left + cell * static_cast<double>(r);
    const std::string name = detail::short_name(map.names[r], 15);
    canvas.text(left - 5, y + cell / 2 + 4, name, SvgAnchor::end, "small");
    canvas.text(across + cell / 2 - 3, top + side + 8, name, SvgAnchor::start, "small", 55);
    for (std::size_t c = 0; c < n; ++c) {
      const double share = map.share[r * n + c], x = left + cell * static_cast<double>(c);
      if (!std::isfinite(share)) continue;
      canvas.rect(x, y, cell, cell, r == c ? "shade k0" : "shade k1",
                  map.names[r] + " taken for " + map.names[c] + ": " + fixed_text(100 * share, 1) + " %",
                  std::clamp(share, 0., 1.) * 0.8);
      if (cell >= 24 && share >= 0.005)
        canvas.text(x + cell / 2, y + cell / 2 + 4, fixed_text(100 * share, 0), SvgAnchor::middle, "small");
    }
  }
  canvas.rect(left, top, side, side, "frame");
  return canvas.finish();
}

}  // namespace sseg

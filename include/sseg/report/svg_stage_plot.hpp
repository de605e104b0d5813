#pragma once
#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/report/svg_heat_map.hpp"

namespace sseg {

/// A net as it grew: a row a moment, its stages from left to right.
struct StagePlot {
  struct Stage {
    Index channels = 0, blocks = 0;  ///< residual blocks beside the stage's own
    bool operator==(const Stage&) const = default;
  };
  struct Row {
    std::string label{};
    std::vector<Stage> stages{};
  };
  std::string title{};
  std::vector<Row> rows{};
};

/// The stages that `describe` of a net names, "32+1 > 48". Empty for a text of another kind.
inline std::vector<StagePlot::Stage> stages_named(std::string_view text) {
  std::vector<StagePlot::Stage> stages;
  const char *at = text.data(), *const end = at + text.size();
  const auto number = [&](Index& out) {
    const auto read = std::from_chars(at, end, out);
    at = read.ptr;
    return read.ec == std::errc() && out >= 0;
  };
  while (at != end) {
    StagePlot::Stage s;
    if (!number(s.channels)) return {};
    if (at != end && *at == '+' && (++at, !number(s.blocks))) return {};
    stages.push_back(s);
    if (at == end) return stages;
    if (!std::string_view(at, static_cast<std::size_t>(end - at)).starts_with(" > ")) return {};
    at += 3;
  }
  return {};
}

namespace detail {

inline void draw_stage(SvgCanvas& canvas, const StagePlot::Stage& s, double x, double y, double width, bool changed) {
  const std::string tip = std::to_string(s.channels) + " channels, " + std::to_string(s.blocks) + " residual blocks";
  canvas.rect(x, y, width, 26, changed ? "k1" : "k0", tip, changed ? 0.45 : 0.25);
  const std::string words = std::to_string(s.channels) + (s.blocks > 0 ? " +" + std::to_string(s.blocks) : "");
  canvas.text(x + 5, y + 17, words);
}

}  // namespace detail

/// The plot as SVG: the width of a block is its share of the channels, its text "channels +blocks"; what differs from
/// the row above is in another colour.
inline std::string svg_stage_plot(const StagePlot& plot) {
  constexpr double each = 46, left = 12, room = 456, gap = 5;
  SvgCanvas canvas(480, 30 + each * static_cast<double>(std::max<std::size_t>(plot.rows.size(), 1)), plot.title);
  canvas.text(left, 16, plot.title, SvgAnchor::start, "title");
  double most = 1;
  for (const auto& row : plot.rows) {
    double sum = 0;
    for (const auto& s : row.stages) sum += static_cast<double>(s.channels) + 20;
    most = std::max(most, sum);
  }
  double y = 26;
  const std::vector<StagePlot::Stage>* before = nullptr;
  for (const auto& row : plot.rows) {
    canvas.text(left, y + 11, row.label, SvgAnchor::start, "small");
    double x = left;
    for (std::size_t i = 0; i < row.stages.size(); ++i) {
      const double width = room * (static_cast<double>(row.stages[i].channels) + 20) / most;
      const bool changed = before != nullptr && (i >= before->size() || (*before)[i] != row.stages[i]);
      detail::draw_stage(canvas, row.stages[i], x, y + 15, std::max(2., width - gap), changed);
      x += width;
    }
    before = &row.stages;
    y += each;
  }
  if (plot.rows.empty()) canvas.text(left, y + 14, "no net");
  return canvas.finish();
}

}  // namespace sseg

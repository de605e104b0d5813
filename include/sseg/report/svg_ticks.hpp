#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace sseg {

/// A number as people read it in a plot, at most `digits` significant digits where it is not whole: "0.25", "12500".
inline std::string svg_label(double value, int digits = 4) {
  if (std::isnan(value)) return "NaN";
  if (value == 0) return "0";  // never "-0"
  std::array<char, 40> text{};
  const bool whole = std::abs(value) < 1e7 && value == std::round(value);
  const auto format = whole ? std::chars_format::fixed : std::chars_format::general;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format, whole ? 0 : digits).ptr;
  return {text.data(), end};
}

/// The same for the ticks of an axis: "450k", "1.2M".
inline std::string svg_short_label(double value) {
  for (const auto& [unit, letter] : {std::pair{1e9, "G"}, std::pair{1e6, "M"}, std::pair{1e3, "k"}})
    if (std::abs(value) >= unit && std::abs(value) >= 1e4 && std::abs(value) < 1e13)
      return svg_label(value / unit) + letter;
  return svg_label(value);
}

/// Where an axis that shows `low` … `high` has its ticks, and what it shows: a little more, so that it begins and ends
/// at one. The step is 1, 2 or 5 times a power of ten.
struct SvgTicks {
  double low = 0, high = 1;
  std::vector<double> at{};

  /// About `wanted` ticks. Values that are not finite, or equal, get an axis around them that can be read. `whole`: no
  /// step below 1.
  static SvgTicks over(double low, double high, int wanted = 5, bool whole = false) {
    if (!std::isfinite(low) || !std::isfinite(high)) low = 0, high = 1;
    if (low > high) std::swap(low, high);
    constexpr double most = 1e300;
    low = std::clamp(low, -most, most), high = std::clamp(high, -most, most);
    const double size = std::max(std::abs(low), std::abs(high));
    if (high - low <= 1e-9 * size || high - low < 1e-300) {
      const double around = size > 1e-290 ? 0.1 * size : 0.5;
      low -= around, high += around;
    }
    const double step = nice_step((high - low) / std::max(1, wanted), whole);
    SvgTicks t;
    const double first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
    for (double k = first; k <= last && t.at.size() < 100; ++k) t.at.push_back(k == 0 ? 0 : k * step);
    t.low = t.at.front(), t.high = t.at.back();
    return t;
  }
  /// Place of a value on an axis from 0 to 1.
  double place(double value) const { return (value - low) / (high - low); }

 private:
  static double nice_step(double raw, bool whole) {
    const double power = std::pow(10, std::floor(std::log10(raw)));
    const double ratio = raw / power;
    const double step = power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
    return whole ? std::max(1., step) : step;
  }
};

}  // namespace sseg

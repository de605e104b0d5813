#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>

#include "sseg/report/table.hpp"

// What the writers of tables share.
namespace sseg {

/// "43.50", "+1.20", "NaN", "-inf": `decimals` digits after the point, at most 17, in every locale; never "-0.00".
inline std::string fixed_text(double value, int decimals, bool plus = false) {
  if (std::isnan(value)) return "NaN";
  std::array<char, 352> digits{};  // the largest double has 309 before the point
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed,
                                 std::clamp(decimals, 0, 17))
                       .ptr;
  std::string text(digits.data(), end);
  const bool zero = std::isfinite(value) && text.find_first_of("123456789") == text.npos;
  if (zero && text.starts_with('-')) text.erase(0, 1);
  return plus && !zero && value > 0 ? "+" + text : text;
}

/// "43.5", "+1.2 ± 0.4", or the cell's words.
inline std::string cell_text(const Cell& cell) {
  if (!cell.value) return cell.text;
  const std::string interval = cell.half_width ? " ± " + fixed_text(*cell.half_width, cell.decimals) : "";
  return fixed_text(*cell.value, cell.decimals, cell.plus) + interval;
}

/// "1-shot (%)": the heading and its unit.
inline std::string heading_text(const Column& column) {
  return column.unit.empty() ? column.heading : column.heading + " (" + column.unit + ")";
}

/// Nothing but numbers and empty cells, and a number at least: such a column is aligned to the right.
inline bool holds_numbers(const Table& table, std::size_t column) {
  const auto any = [&](auto&& is) {
    return std::any_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return is(row[column]); });
  };
  return any([](const Cell& c) { return c.value.has_value(); }) &&
         !any([](const Cell& c) { return !c.value && !c.text.empty(); });
}

}  // namespace sseg

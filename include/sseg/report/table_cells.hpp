#pragma once
#include "sseg/core/shape.hpp"
#include "sseg/evolve/paired_difference.hpp"
#include "sseg/report/table.hpp"

// Cells of tables of results.
namespace sseg {

/// A whole number.
inline Cell count_cell(Index n) { return {static_cast<double>(n), 0}; }

/// A difference with its sign and interval; nothing where fewer than two pairs are known.
inline Cell difference_cell(const PairedDifference& d) {
  if (d.n < 2) return {};
  Cell cell{d.mean, d.half_width95, 2};
  cell.plus = true;
  return cell;
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/report/table_latex_text.hpp"
#include "sseg/report/table_text.hpp"

namespace sseg {

namespace detail {

/// "43.5 \pm 0.8" within mathematics.
inline std::string latex_number(double value, int decimals, bool plus = false) {
  if (std::isnan(value)) return "\\mathrm{NaN}";
  if (std::isinf(value)) return value < 0 ? "-\\infty" : plus ? "+\\infty" : "\\infty";
  return fixed_text(value, decimals, plus);
}

inline std::string latex_cell(const Cell& cell) {
  if (!cell.value)
    return cell.strong && !cell.text.empty() ? "\\textbf{" + latex_text(cell.text) + "}" : latex_text(cell.text);
  std::string text = latex_number(*cell.value, cell.decimals, cell.plus);
  if (cell.half_width) text += " \\pm " + latex_number(*cell.half_width, cell.decimals);
  return cell.strong ? "$\\mathbf{" + text + "}$" : "$" + text + "$";
}

template <class Items, class Text>
std::string latex_row(const Items& items, Text&& text) {
  std::string line;
  for (const auto& item : items) line += (&item == items.data() ? "" : " & ") + text(item);
  return line + " \\\\\n";
}

/// The rows [first, end) between rules; what is wider than the page is made smaller.
inline std::string latex_tabular(const Table& table, std::size_t first, std::size_t end) {
  std::string columns;
  for (std::size_t c = 0; c < table.columns.size(); ++c) columns += holds_numbers(table, c) ? 'r' : 'l';
  std::string text = "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n\\begin{tabular}{" +
                     columns + "}\n\\toprule\n" +
                     latex_row(table.columns, [](const Column& c) { return latex_text(heading_text(c)); }) +
                     "\\midrule\n";
  for (std::size_t r = first; r < end; ++r) text += latex_row(table.rows[r], latex_cell);
  return text + "\\bottomrule\n\\end{tabular}}\n";
}

/// One float. `part` 0 has the label and the number, those after it the same number and "continued".
inline std::string latex_float(const Table& table, std::size_t part, std::size_t first, std::size_t end) {
  std::string text = "\\begin{table}\n\\centering\n";
  if (part > 0) text += "\\addtocounter{table}{-1}\n";
  text += "\\caption{" + latex_text(table.caption) + (part > 0 ? " (continued)" : "") + "}\n";
  if (part == 0) text += "\\label{tab:" + table.name + "}\n";
  text += "\\par\\medskip\n";
  text += latex_tabular(table, first, end);
  if (end < table.rows.size() || table.notes.empty()) return text + "\\end{table}\n";
  text += "\\par\\smallskip\n\\begin{minipage}{\\linewidth}\\footnotesize\\raggedright\n";
  for (const std::string& note : table.notes) text += latex_text(note) + "\\par\n";
  return text + "\\end{minipage}\n\\end{table}\n";
}

}  // namespace detail

/// The table as LaTeX floats for a document that loads booktabs and graphicx: caption, \label{tab:NAME}, rows, notes as
/// a paragraph below. All text is escaped. What is wider than the page is scaled down; what has more rows than fit on
/// one goes on in a float of the same number.
/// Requires: a name of letters, digits and "-_.:", as in `Table`.
inline std::string to_latex(const Table& table) {
  constexpr std::size_t rows_of_a_page = 35;
  std::string text;
  for (std::size_t part = 0, first = 0; part == 0 || first < table.rows.size(); ++part, first += rows_of_a_page)
    text += detail::latex_float(table, part, first, std::min(first + rows_of_a_page, table.rows.size()));
  return text.find("\\ssegchar") == text.npos ? text : std::string(latex_char_macro) + text;
}

/// A document of its own that holds the tables, for pdfLaTeX, XeLaTeX and LuaLaTeX with what texlive-latex-recommended
/// installs.
inline std::string latex_document(const std::vector<Table>& tables) {
  std::string text =
      "\\documentclass[a4paper]{article}\n\\usepackage[margin=2cm]{geometry}\n\\usepackage{booktabs}\n"
      "\\usepackage{graphicx}\n\\usepackage{float}\n\\floatplacement{table}{H}\n\\begin{document}\n";
  for (const Table& table : tables) text += "\n" + to_latex(table);
  return text + "\n\\end{document}\n";
}

}  // namespace sseg

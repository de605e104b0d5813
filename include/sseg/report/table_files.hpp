#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "sseg/io/atomic_file.hpp"
#include "sseg/io/json.hpp"
#include "sseg/report/table_csv.hpp"
#include "sseg/report/table_json.hpp"
#include "sseg/report/table_latex.hpp"
#include "sseg/report/table_markdown.hpp"

namespace sseg {

/// What tables are written as.
enum class TableFormat { latex, markdown, csv, json };

inline constexpr std::array<std::string_view, 4> table_format_names{"latex", "markdown", "csv", "json"};

/// Throws: Error when there is no such format.
inline TableFormat table_format_named(const std::string& name, const std::string& where) {
  const auto* const at = std::find(table_format_names.begin(), table_format_names.end(), name);
  if (at == table_format_names.end())
    throw Error("there is no format '" + name + "'", where, "give latex, markdown, csv or json");
  return static_cast<TableFormat>(at - table_format_names.begin());
}

/// The whole text of a table's file.
inline std::string table_text(const Table& table, TableFormat format) {
  switch (format) {
    case TableFormat::latex:
      return to_latex(table);
    case TableFormat::markdown:
      return to_markdown(table);
    case TableFormat::csv:
      return to_csv(table);
    case TableFormat::json:
      break;
  }
  return to_text(to_json(table), 2) + "\n";
}

namespace detail {

/// Names become those of files and of LaTeX labels. Throws: Error for one that will not do, or that two tables have.
inline void check_table_names(const std::vector<Table>& tables) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  std::set<std::string> seen;
  for (const Table& table : tables) {
    if (table.name.empty() || table.name.find_first_not_of(letters) != table.name.npos)
      throw Error("'" + table.name + "' is no name for a table", "tables", "give letters, digits, '_' and '-'");
    if (table.name == "results" || !seen.insert(table.name).second)
      throw Error("the name '" + table.name + "' is taken", "tables", "give every table a name of its own");
  }
}

}  // namespace detail

/// Writes every table as NAME.tex, NAME.md, NAME.csv and NAME.json, whichever are wanted, and with LaTeX the document
/// results.tex that holds them all. The folder is made where it is missing; files of these names are replaced.
/// Returns what was written. Throws: Error on a name that will not do, or when something cannot be written.
inline std::vector<std::filesystem::path> write_tables(const std::filesystem::path& folder,
                                                       const std::vector<Table>& tables,
                                                       const std::vector<TableFormat>& formats) {
  constexpr std::array<std::string_view, 4> endings{".tex", ".md", ".csv", ".json"};
  detail::check_table_names(tables);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw Error("cannot make the folder for tables: " + error.message(), folder.string(), "choose another folder");
  std::vector<std::filesystem::path> written;
  const auto write = [&](const std::string& name, const std::string& text) {
    written.push_back(folder / name);
    write_file_atomically(written.back(), text);
  };
  for (const TableFormat format : formats) {
    for (const Table& table : tables)
      write(table.name + std::string(endings[static_cast<std::size_t>(format)]), table_text(table, format));
    if (format == TableFormat::latex) write("results.tex", latex_document(tables));
  }
  return written;
}

}  // namespace sseg

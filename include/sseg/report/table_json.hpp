#pragma once
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "sseg/io/fields_json.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/report/table.hpp"

SSEG_FIELDS(sseg::Column, heading, unit);

namespace sseg {

namespace detail {

inline Json json_number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

/// Words as a string, nothing as null, what is more as an object.
inline Json cell_to_json(const Cell& cell) {
  if (!cell.value && !cell.strong) return cell.text.empty() ? Json() : Json(cell.text);
  Json json = Json::object();
  if (cell.value) {
    json["value"] = json_number(*cell.value);
    if (cell.half_width) json["half_width"] = json_number(*cell.half_width);
    json["decimals"] = cell.decimals;
    if (cell.plus) json["plus"] = true;
  } else {
    json["text"] = cell.text;
  }
  if (cell.strong) json["strong"] = true;
  return json;
}

inline void optional_from_json(const Json& json, std::optional<double>& out, const std::string& where) {
  out = std::numeric_limits<double>::quiet_NaN();
  if (!json.is_null()) fields_from_json(json, *out, where);
}

inline Cell cell_from_json(const Json& json, const std::string& where) {
  if (json.is_null()) return {};
  if (json.is_string()) return {json.get<std::string>()};
  check_json_object(json, {"text", "value", "half_width", "decimals", "plus", "strong"}, where);
  Cell cell;
  std::string place;
  const auto read = [&](const char* name, auto&& to) {
    if (const Json* field = find_json_field(json, name, where, place)) to(*field);
  };
  read("text", [&](const Json& j) { fields_from_json(j, cell.text, place); });
  read("value", [&](const Json& j) { optional_from_json(j, cell.value, place); });
  read("half_width", [&](const Json& j) { optional_from_json(j, cell.half_width, place); });
  read("decimals", [&](const Json& j) { fields_from_json(j, cell.decimals, place); });
  read("plus", [&](const Json& j) { fields_from_json(j, cell.plus, place); });
  read("strong", [&](const Json& j) { fields_from_json(j, cell.strong, place); });
  if (cell.half_width && !cell.value) throw Error("an interval without a value", where, "give the value too");
  if (cell.decimals < 0 || cell.decimals > 17) throw Error("no such number of decimals", where, "give 0 to 17");
  return cell;
}

}  // namespace detail

/// The table as JSON, nothing lost but that NaN and infinity are null. Cells are strings, null where empty, or objects
/// of value, half_width, decimals, plus and strong.
inline Json to_json(const Table& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json& cells = rows.emplace_back(Json::array());
    for (const Cell& cell : row) cells.push_back(detail::cell_to_json(cell));
  }
  return {{"name", table.name},
          {"caption", table.caption},
          {"columns", fields_to_json(table.columns)},
          {"rows", std::move(rows)},
          {"notes", table.notes}};
}

/// The table that `to_json` wrote; null numbers become NaN. Throws: Error naming the place of what is missing, unknown
/// or of the wrong type, or a row that does not fit the columns.
inline Table table_from_json(const Json& json, const std::string& where) {
  detail::check_json_object(json, {"name", "caption", "columns", "rows", "notes"}, where);
  Table table;
  std::string place;
  const auto field = [&](const char* name) -> const Json& {
    if (const Json* found = detail::find_json_field(json, name, where, place)) return *found;
    throw Error("the table has no '" + std::string(name) + "'", where, "take a table that export_results wrote");
  };
  fields_from_json(field("name"), table.name, place);
  fields_from_json(field("caption"), table.caption, place);
  fields_from_json(field("columns"), table.columns, place);
  fields_from_json(field("notes"), table.notes, place);
  const Json& rows = field("rows");
  if (!rows.is_array()) throw Error("found no list", place, "write [ … ] there");
  for (const Json& row : rows) {
    const std::string at = place + "[" + std::to_string(table.rows.size()) + "]";
    if (!row.is_array()) throw Error("found no list", at, "write [ … ] there");
    std::vector<Cell> cells;
    for (std::size_t c = 0; c < row.size(); ++c)
      cells.push_back(detail::cell_from_json(row[c], at + "[" + std::to_string(c) + "]"));
    table.add(std::move(cells));
  }
  return table;
}

}  // namespace sseg

#pragma once
// The only door to nlohmann/json.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"

namespace sseg {

using Json = nlohmann::json;

namespace detail {

/// "file:line:column" of a byte, counted from 1.
inline std::string json_place(std::string_view text, std::size_t byte, const std::string& where) {
  const auto before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n');
  const auto column = 1 + before.size() - (start == before.npos ? 0 : start + 1);
  return where + ":" + std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace detail

/// The value in a JSON text; `where` names the source in messages. Stricter than the standard, for files of unknown
/// origin: a key that occurs twice in an object and nesting deeper than 64 are refused. Throws `Error` with the
/// position.
inline Json parse_json(std::string_view text, const std::string& where) {
  constexpr int max_depth = 64;
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, Json::parse_event_t event, Json& value) {
    using Event = Json::parse_event_t;
    if (depth > max_depth) throw Error("JSON is nested deeper than 64", where, "Check that it is the right file.");
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(value.get_ref<const std::string&>()).second)
      throw Error("JSON key '" + value.get_ref<const std::string&>().substr(0, 200) + "' occurs twice in one object",
                  where, "Keep one of the two.");
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const Json::parse_error& error) {
    throw Error(std::string("not valid JSON: ") + error.what(),
                detail::json_place(text, error.byte == 0 ? 0 : error.byte - 1, where),
                "Correct the text at this line and column.");
  } catch (const Json::exception& error) {
    throw Error(std::string("not usable JSON: ") + error.what(), where, "Correct the text.");
  }
}

/// The text of a value: on one line, or indented by `indent` >= 0 spaces. Throws `Error` on text that is not UTF-8.
inline std::string to_text(const Json& value, int indent = -1) {
  try {
    return value.dump(indent);
  } catch (const Json::exception& error) {
    throw Error(std::string("cannot be written as JSON: ") + error.what(), "to_text", "Give UTF-8 text.");
  }
}

}  // namespace sseg

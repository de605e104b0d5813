#pragma once
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "sseg/io/yaml_cursor.hpp"
#include "sseg/io/yaml_scalar.hpp"
#include "sseg/io/yaml_value.hpp"

namespace sseg {

namespace detail {

/// Reads one document by recursive descent, a function for each thing that can stand somewhere.
class YamlReader {
 public:
  YamlReader(std::string_view text, const std::string& where) : in_(text, where) { in_.check_characters(); }

  Yaml document() {
    in_.seek(false);
    if (in_.rest().starts_with("---") && in_.column() == 1 &&
        (in_.blank(3) || in_.peek(3) == '\n' || in_.peek(3) == '\r')) {
      in_.skip(3);
      end_line();
      in_.seek(false);
    }
    Yaml root = in_.at_end() ? Yaml{} : block(0);
    in_.seek(false);
    if (!in_.at_end()) in_.fail("something stands behind the end of the document", "keep one document in a file");
    return root;
  }

 private:
  static constexpr int max_depth = 64;

  Yaml here() const {
    Yaml node;
    node.line = in_.line();
    node.column = in_.column();
    return node;
  }
  void check_depth(int depth) const {
    if (depth > max_depth) in_.fail("YAML is nested deeper than 64", "check that it is the right file");
  }
  /// Throws: Error unless nothing but blanks and a comment is left on the line.
  void end_line() {
    in_.skip_to_line_end();
    if (in_.at_end() || in_.at_line_end()) return;
    if (in_.peek() == ':')
      in_.fail("a second ':' on the line", "begin a group on a line of its own, or put text with ': ' in quotes");
    in_.fail("something stands behind the value", "begin a new line, or put the text in quotes");
  }

  Yaml scalar(bool flow) {
    Yaml node = here();
    node.kind = Yaml::Kind::scalar;
    node.quoted = in_.peek() == '"' || in_.peek() == '\'';
    node.text = node.quoted ? yaml_quoted_text(in_) : yaml_plain_text(in_, flow);
    const auto& t = node.text;
    if (!node.quoted && (t.empty() || t == "~" || t == "null" || t == "Null" || t == "NULL"))
      node.kind = Yaml::Kind::null;
    return node;
  }

  /// A node that begins here and holds what is indented as far as its first character.
  Yaml block(int depth) {
    check_depth(depth);
    if (in_.stands_alone('-')) return block_list(depth);
    if (in_.peek() == '[' || in_.peek() == '{') {
      Yaml node = flow(depth);
      end_line();
      return node;
    }
    Yaml first = scalar(false);
    in_.skip_blanks();
    if (in_.stands_alone(':')) return block_map(std::move(first), depth);
    end_line();
    return first;
  }

  Yaml block_list(int depth) {
    Yaml list = here();
    list.kind = Yaml::Kind::list;
    do {
      in_.skip(1);
      in_.seek(false);
      const bool empty = in_.at_end() || in_.column() <= list.column;
      list.items.push_back(empty ? here() : block(depth + 1));
    } while (next_of(list) && in_.stands_alone('-'));
    return list;
  }

  Yaml block_map(Yaml first, int depth) {
    Yaml map;
    map.kind = Yaml::Kind::map;
    map.line = first.line;
    map.column = first.column;
    std::set<std::string> known;
    for (Yaml key = std::move(first);;) {
      in_.skip(1);
      add(map, known, std::move(key), entry(map.column, depth));
      if (!next_of(map)) return map;
      if (in_.stands_alone('-'))
        in_.fail("a list within a group of settings", "give it a key: 'KEY:' on a line before it");
      key = scalar(false);
      in_.skip_blanks();
      if (!in_.stands_alone(':')) in_.fail_at(key.line, key.column, "no ': ' behind the key", "write 'KEY: VALUE'");
    }
  }
  /// What stands behind "KEY:", on the line or below.
  Yaml entry(Index indent, int depth) {
    const Index line = in_.line();
    in_.skip_to_line_end();
    if (!in_.at_end() && !in_.at_line_end()) {
      Yaml value = in_.peek() == '[' || in_.peek() == '{' ? flow(depth + 1) : scalar(false);
      end_line();
      return value;
    }
    in_.seek(false);
    if (in_.at_end() || in_.line() == line || in_.column() < indent) return here();
    if (in_.column() > indent || in_.stands_alone('-')) return block(depth + 1);
    return here();
  }
  /// Goes to the next line of a list or map: true when it belongs to it.
  bool next_of(const Yaml& node) {
    in_.seek(false);
    if (in_.at_end() || in_.column() < node.column) return false;
    if (in_.column() > node.column)
      in_.fail("the line is indented deeper than those it follows",
               "indent it as they are; text of several lines is not read");
    return true;
  }

  void add(Yaml& map, std::set<std::string>& known, Yaml key, Yaml value) {
    if (!known.insert(key.text).second)
      in_.fail_at(key.line, key.column, "the key '" + key.text.substr(0, 200) + "' occurs twice",
                  "keep one of the two");
    value.key = std::move(key.text);
    value.line = key.line;
    value.column = key.column;
    map.items.push_back(std::move(value));
  }

  /// [a, b] or {a: b}, over one line or several.
  Yaml flow(int depth) {
    check_depth(depth);
    Yaml node = here();
    const bool list = in_.take() == '[';
    node.kind = list ? Yaml::Kind::list : Yaml::Kind::map;
    std::set<std::string> known;
    const char close = list ? ']' : '}';
    for (in_.seek(true); in_.peek() != close;) {
      if (list)
        node.items.push_back(flow_value(depth));
      else
        flow_entry(node, known, depth);
      in_.seek(true);
      if (in_.peek() == close) break;
      if (in_.at_end())
        in_.fail_at(node.line, node.column, "a bracket that is not closed", std::string("write '") + close + "'");
      if (in_.peek() != ',') in_.fail("no ',' between two values", "part them by ','");
      in_.skip(1);
      in_.seek(true);
    }
    in_.skip(1);
    return node;
  }
  Yaml flow_value(int depth) { return in_.peek() == '[' || in_.peek() == '{' ? flow(depth + 1) : filled(scalar(true)); }
  void flow_entry(Yaml& map, std::set<std::string>& known, int depth) {
    Yaml key = filled(scalar(true));
    in_.seek(true);
    if (in_.peek() != ':') in_.fail("no ':' behind the key", "write {KEY: VALUE}");
    in_.skip(1);
    in_.seek(true);
    const bool empty = in_.peek() == ',' || in_.peek() == '}';
    add(map, known, std::move(key), empty ? here() : flow_value(depth));
  }
  Yaml filled(Yaml node) const {
    if (!node.quoted && node.text.empty()) in_.fail("a value is missing", "write it, or null");
    return node;
  }

  YamlCursor in_;
};

}  // namespace detail

/// The value in a YAML text, of the part of YAML 1.2 that configurations use: maps and lists by indentation or in
/// { } and [ ], which makes JSON a part of it, too; scalars plain or in quotes, on one line; comments; one document,
/// with or without
/// "---". Refused with their place: anchors, tags, text blocks, tabs in the indentation, keys that occur twice, more
/// than one document, nesting deeper than 64, more than 1 MiB, what is not UTF-8. `where` names the source in messages.
/// Why not a library: docs/decisions/0020-own-yaml-reader.md.
inline Yaml parse_yaml(std::string_view text, const std::string& where) {
  require(text.size() <= std::size_t{1} << 20, "the YAML text is larger than 1 MiB", where.c_str(),
          "check that it is the right file");
  return detail::YamlReader(text, where).document();
}

}  // namespace sseg

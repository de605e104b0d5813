#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/experiment/setting_help.hpp"
#include "sseg/meta/field_text.hpp"

namespace sseg {

/// The help on a setting by its path, or null: an entry of that very path, else one whose path ends alike behind '*'.
constexpr const SettingHelp* help_on(std::string_view path) {
  const SettingHelp* alike = nullptr;
  for (const SettingHelp& h : setting_help) {
    if (h.path == path) return &h;
    if (h.path.starts_with('*') && path.ends_with(h.path.substr(1))) alike = &h;
  }
  return alike;
}

/// A setting with its value, for lists.
struct SettingLine {
  std::string path{};
  std::string type{};   ///< in words
  std::string value{};  ///< as YAML
};

namespace detail {

template <Reflected T>
void add_settings(std::vector<SettingLine>& lines, const T& object, const std::string& path) {
  for_each_field(object, [&](std::string_view name, const auto& member) {
    const std::string here = path + std::string(name);
    if constexpr (Reflected<decltype(member)>)
      add_settings(lines, member, here + ".");
    else
      lines.push_back({here, std::string(type_in_words<std::remove_cvref_t<decltype(member)>>()), yaml_value(member)});
  });
}

/// "8 to 512; side of what the net reads, pixels"
inline std::string help_text(std::string_view path) {
  const SettingHelp* h = help_on(path);
  if (h == nullptr) return "";
  return std::string(h->range) + (h->range.empty() ? "" : "; ") + std::string(h->help);
}

}  // namespace detail

/// Every setting of a reflected struct, in order.
template <Reflected T>
std::vector<SettingLine> setting_lines(const T& object) {
  std::vector<SettingLine> lines;
  detail::add_settings(lines, object, "");
  return lines;
}

/// The YAML of `to_yaml` with the range of every setting and what it is as comments behind the values; it reads back to
/// the same.
template <Reflected T>
std::string to_yaml_with_help(const T& config) {
  const std::vector<SettingLine> lines = setting_lines(config);
  std::string text;
  std::size_t next = 0;
  std::string_view rest;
  const std::string yaml = to_yaml(config);
  for (rest = yaml; !rest.empty();) {
    std::string line(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(line.size() + 1);
    if (!line.ends_with(':')) {  // the line of a value; those of groups have none
      const std::string help = detail::help_text(lines[next++].path);
      if (!help.empty()) line += std::string(line.size() < 38 ? 38 - line.size() : 1, ' ') + " # " + help;
    }
    text += line + "\n";
  }
  return text;
}

/// One setting a paragraph, for those whose path begins with `prefix`:
/// "optim.rate = 0.005   (a number, > 0)" and the help below. Empty when there is none.
template <Reflected T>
std::string settings_text(const T& config, std::string_view prefix) {
  std::string text;
  for (const SettingLine& line : setting_lines(config)) {
    if (!line.path.starts_with(prefix)) continue;
    const SettingHelp* h = help_on(line.path);
    text += line.path + " = " + line.value + "   (" + line.type;
    if (h != nullptr && !h->range.empty()) text += ", " + std::string(h->range);
    text += ")\n" + (h == nullptr ? "" : "    " + std::string(h->help) + "\n");
  }
  return text;
}

}  // namespace sseg

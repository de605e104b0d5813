#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/experiment/config.hpp"
#include "sseg/experiment/config_help.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/yaml_fields.hpp"

namespace sseg {

// clang-format off
/// An experiment in a file, YAML or JSON (which the YAML reader reads too): settings as config.yaml of a run names
/// them, all or some, and beside them
///   preset: NAME             the preset that the settings change; without it see `base`
///   ablation: …              what run_ablation compares (experiment/ablation_plan.hpp); else of no account
///   curriculum.image_size    another name of data.image_size, in experiments on the curriculum
///   curriculum.levels        [1, 2, 3, 4]: from curriculum.scheduler.first_level to last_level
/// Paths in it are relative to where the program runs, as on the command line.
// clang-format on
struct ConfigFile {
  std::string where{};  ///< the file's name, for messages
  std::string preset{};
  Yaml settings{};
  std::optional<Yaml> ablation{};
  bool curriculum_size = false;  ///< was the size given as that of the curriculum?

  /// The preset that the file is meant to change where it does not say: that of its `data.source`; else that of the
  /// curriculum where it has settings for one; else "".
  std::string base() const {
    if (!preset.empty()) return preset;
    if (const Yaml* source = settings.find_path("data.source"); source != nullptr)
      return preset_of_source(source->text);
    return settings.find("curriculum") != nullptr ? "curriculum" : "";
  }

  /// Throws: Error for an unknown setting, or a value of another type, with its line and the setting's help.
  void apply(RunConfig& config) const {
    try {
      fields_from_yaml(settings, config, where);
    } catch (const Error& e) {
      const std::string help = detail::help_text(e.what_happened().substr(0, e.what_happened().find(':')));
      throw Error(e.what_happened(), e.where(), e.cure() + (help.empty() ? "" : " (" + help + ")"));
    }
    require(!curriculum_size || config.data.source == "curriculum",
            "curriculum.image_size is the size of the curriculum's pictures, but the run reads others", where.c_str(),
            "write data.image_size, or set data.source: curriculum");
  }

 private:
  static std::string preset_of_source(const std::string& source) {
    return source == "shapes" ? "demo" : source == "folder" ? "images" : source;
  }
};

namespace detail {

/// The entry of a map, taken out of it; nothing where there is none.
inline std::optional<Yaml> take_entry(Yaml& map, std::string_view key) {
  for (auto it = map.items.begin(); it != map.items.end(); ++it)
    if (it->key == key) {
      Yaml entry = std::move(*it);
      map.items.erase(it);
      return entry;
    }
  return {};
}

/// The group of that name in a map, made where it is missing. Throws: Error when something else has the name.
inline Yaml& group_in(Yaml& map, const std::string& name, const Yaml& like, const std::string& where) {
  for (Yaml& item : map.items) {
    if (item.key != name) continue;
    if (item.kind == Yaml::Kind::null) item.kind = Yaml::Kind::map;
    if (item.kind != Yaml::Kind::map)
      throw Error(name + ": found no group of settings", item.place(where), "indent its settings below it");
    return item;
  }
  Yaml group;
  group.kind = Yaml::Kind::map;
  group.key = name;
  group.line = like.line;
  group.column = like.column;
  return map.items.emplace_back(std::move(group));
}

/// Puts a value under the name that the configuration knows. Throws: Error when that is given too.
inline void give_as(Yaml& group, const std::string& name, Yaml value, const std::string& where) {
  if (group.find(name) != nullptr)
    throw Error("'" + value.key + "' is another way to set '" + name + "', which is given too", value.place(where),
                "keep one of the two");
  value.key = name;
  group.items.push_back(std::move(value));
}

/// Throws: Error unless the list names levels that follow one another.
inline void check_levels_list(const Yaml& levels, const std::string& where) {
  bool sound = levels.kind == Yaml::Kind::list && !levels.items.empty();
  Index before = 0;
  for (const Yaml& item : levels.items) {
    const auto level = from_text_value<Index>(item.text);
    sound = sound && level && (before == 0 || *level == before + 1);
    before = level.value_or(0);
  }
  if (!sound)
    throw Error("curriculum.levels: these are no levels that follow one another", levels.place(where),
                "give a list as [1, 2, 3, 4] or [2, 3]");
}

/// Brings the names that an experiment may use for the curriculum's settings to those of RunConfig.
inline void rename_curriculum(ConfigFile& file) {
  Yaml* curriculum = nullptr;
  for (Yaml& item : file.settings.items)
    if (item.key == "curriculum" && item.kind == Yaml::Kind::map) curriculum = &item;
  if (curriculum == nullptr) return;
  if (auto levels = take_entry(*curriculum, "levels"); levels && levels->kind != Yaml::Kind::null) {
    check_levels_list(*levels, file.where);
    Yaml& scheduler = group_in(*curriculum, "scheduler", *levels, file.where);
    for (const bool first : {true, false}) {
      Yaml value = first ? levels->items.front() : levels->items.back();
      value.key = "levels";
      give_as(scheduler, first ? "first_level" : "last_level", std::move(value), file.where);
    }
  }
  if (auto size = take_entry(*curriculum, "image_size"); size && size->kind != Yaml::Kind::null) {
    file.curriculum_size = true;
    size->key = "curriculum.image_size";
    const Yaml like = *size;
    give_as(group_in(file.settings, "data", like, file.where), "image_size", std::move(*size), file.where);
  }
}

}  // namespace detail

/// The experiment in a text; `where` names it in messages. Throws: Error as `parse_yaml`, or when it is no map of
/// settings.
inline ConfigFile parse_config_file(std::string_view text, const std::string& where) {
  ConfigFile file;
  file.where = where;
  file.settings = parse_yaml(text, where);
  if (file.settings.kind == Yaml::Kind::null) return file;
  if (file.settings.kind != Yaml::Kind::map)
    throw Error("this is no experiment", file.settings.place(where), "write settings as 'train:' and '  steps: 500'");
  if (const auto preset = detail::take_entry(file.settings, "preset"); preset && preset->kind != Yaml::Kind::null) {
    detail::scalar_from_yaml(*preset, file.preset, {where, "preset"});
    try {
      preset_named(file.preset);
    } catch (const Error& e) {
      throw Error(e.what_happened(), preset->place(where), e.cure());
    }
  }
  file.ablation = detail::take_entry(file.settings, "ablation");
  detail::rename_curriculum(file);
  return file;
}

/// The experiment in a file. Throws: Error, also when it cannot be read.
inline ConfigFile load_config_file(const std::filesystem::path& path) {
  return parse_config_file(read_file(path, Index{1} << 21), path.string());
}

/// check_config for settings of which some come from a file: the message then has the file's line, too.
inline void check_config(const RunConfig& config, const ConfigFile& file) {
  try {
    check_config(config);
  } catch (const Error& e) {
    const Yaml* given = file.settings.find_path(e.where().substr(0, e.where().find(',')));
    if (given == nullptr) throw;
    throw Error(e.what_happened(), given->place(file.where) + ": " + e.where(), e.cure());
  }
}

}  // namespace sseg

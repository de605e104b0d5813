#pragma once
#include <sseg/experiment/config_file.hpp>
#include <sseg/experiment/config_help.hpp>
#include <sseg/experiment/presets.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/meta/override.hpp"

/// A flag with a value, "--threads 2" or "--threads=2".
struct Flag {
  std::string name;
  std::string help;
  std::string value;
};

/// The command line of the example programs: flags, and SETTING=VALUE overrides of the run's configuration.
struct CommandLine {
  std::string program, summary;
  std::vector<Flag> flags;
  std::vector<std::string> overrides{};
  bool print_config = false;
  /// What follows the flags, for programs that take something else than settings; it is in `overrides`.
  std::string operands{};

  const std::string& operator[](std::string_view name) const {
    for (const Flag& f : flags)
      if (f.name == name) return f.value;
    throw sseg::Error("the program has no flag " + std::string(name), program, "declare it in main");
  }
  int threads() const { return number("--threads", 0, 1024, "give 0 (all) to 1024"); }
  /// The value of a flag; `cure` says what to give.
  template <class T>
  T number(const std::string& flag, T least, T most, const std::string& cure) const {
    const auto n = sseg::from_text_value<T>((*this)[flag]);
    if (!n || !(*n >= least && *n <= most)) throw sseg::Error("'" + (*this)[flag] + "' will not do", flag, cure);
    return *n;
  }
  /// The experiment that --config names, for programs that have that flag.
  std::optional<sseg::ConfigFile> config_file() const {
    for (const Flag& f : flags)
      if (f.name == "--config" && !f.value.empty()) return sseg::load_config_file(f.value);
    return {};
  }
  /// Applies the experiment of --config, then the overrides, and checks the result.
  void configure(sseg::RunConfig& config) const {
    const auto file = config_file();
    if (file) file->apply(config);
    for (const std::string& o : overrides) sseg::apply_override(config, o);
    file ? check_config(config, *file) : check_config(config);
  }
};

inline void print_help(const CommandLine& c) {
  const bool settings = c.operands.empty();
  std::printf("%s: %s\n\nusage: %s [flags] %s\n\nflags:\n", c.program.c_str(), c.summary.c_str(), c.program.c_str(),
              settings ? "[SETTING=VALUE ...]" : c.operands.c_str());
  for (const Flag& f : c.flags)
    std::printf("  %-14s %s%s\n", f.name.c_str(), f.help.c_str(),
                f.value.empty() ? "" : (" [" + f.value + "]").c_str());
  if (settings) std::printf("  %-14s %s\n", "--print-config", "show every setting as it would be used, and stop");
  if (settings)
    std::printf("  %-14s %s\n", "--help-settings",
                "[PREFIX]: every setting, or those that begin so, with range and help");
  std::printf("  %-14s %s\n", "--help", "this text");
  if (settings)
    std::printf(
        "\nSettings are named as in config.yaml, for example train.steps=500 or evolution.growth.max_blocks=4.\n");
}

/// What --help-settings shows. The exit code is 2 when no setting begins with `prefix`.
inline int print_settings(const std::string& program, std::string_view prefix) {
  const std::string text = sseg::settings_text(sseg::RunConfig{}, prefix);
  if (text.empty()) {
    std::fprintf(stderr, "%s: no setting begins with '%s'; leave the prefix out to see all\n", program.c_str(),
                 std::string(prefix).c_str());
    return 2;
  }
  return std::printf("%s", text.c_str()), 0;
}

/// Exit codes: 0 done, 1 something failed, 2 the command line is wrong, 130 stopped by Ctrl-C.
inline int run_program(int argc, char** argv, CommandLine c, const std::function<int(const CommandLine&)>& body) {
  const auto fail = [&](int code, const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    return code;
  };
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--help" || arg == "-h") return print_help(c), 0;
    if (arg == "--help-settings" && c.operands.empty())
      return print_settings(c.program, i + 1 < argc ? argv[i + 1] : "");
    if (arg == "--print-config") {
      c.print_config = true;
      continue;
    }
    if (!arg.starts_with("--")) {
      c.overrides.emplace_back(arg);
      continue;
    }
    const auto equals = arg.find('=');
    bool known = false;
    for (Flag& f : c.flags)
      if (f.name == arg.substr(0, equals)) {
        known = true;
        if (equals != arg.npos)
          f.value = arg.substr(equals + 1);
        else if (i + 1 < argc)
          f.value = argv[++i];
        else
          return fail(2, c.program + ": " + f.name + " needs a value; see --help");
      }
    if (!known) return fail(2, c.program + ": no flag '" + std::string(arg) + "'; see --help");
  }
  try {
    return body(c);
  } catch (const std::exception& e) {
    return fail(1, c.program + ": " + e.what());
  }
}

#pragma once
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/config_file.hpp>
#include <sseg/experiment/config_help.hpp>
#include <sseg/experiment/presets.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/meta/override.hpp"

/// A flag with a value, "--threads 2" or "--threads=2"; or with several, "--format latex csv": all words up to the next
/// flag, or to "--", which ends the flags.
struct Flag {
  std::string name;
  std::string help;
  std::string value{};
  bool several = false;
  std::vector<std::string> values{};
};

/// How the CPU is used beside --threads, for programs that compute: both change results by rounding.
inline const Flag lanes_flag{"--lanes", "floats a vector: 0 (as many as the CPU has), 4, 8 or 16", "0"};
inline const Flag winograd_flag{"--winograd", "yes or no: Winograd's convolution where it is faster", "yes"};
/// How a GPU is used, for programs that may train on one; results do not depend on it.
inline const Flag cuda_graph_flag{"--cuda_graph", "auto, on or off: a GPU gets each step as one piece of work", "auto"};

/// The command line of the example programs: flags, and SETTING=VALUE overrides of the run's configuration.
struct CommandLine {
  std::string program, summary;
  std::vector<Flag> flags;
  std::vector<std::string> overrides{};
  bool print_config = false;
  std::optional<std::string> help_settings{};  ///< the prefix of the settings that are explained, instead of a run
  /// What follows the flags, for programs that take something else than settings; it is in `overrides`.
  std::string operands{};
  std::vector<std::string> words{};  ///< as they were given, the program first

  const Flag& flag(std::string_view name) const {
    for (const Flag& f : flags)
      if (f.name == name) return f;
    throw sseg::Error("the program has no flag " + std::string(name), program, "declare it in main");
  }
  const std::string& operator[](std::string_view name) const { return flag(name).value; }
  /// The values of a flag that takes several.
  const std::vector<std::string>& values(std::string_view name) const { return flag(name).values; }
  int threads() const { return number("--threads", 0, 1024, "give 0 (all) to 1024"); }
  /// From --threads, --lanes and --winograd.
  sseg::CpuOptions cpu() const {
    const std::string& winograd = (*this)["--winograd"];
    if (winograd != "yes" && winograd != "no")
      throw sseg::Error("'" + winograd + "' will not do", "--winograd", "give yes or no");
    return {threads(), number("--lanes", 0, 16, "give 0, 4, 8 or 16"), winograd == "yes"};
  }
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
  for (const Flag& f : c.flags) {
    std::string preset = f.value;
    for (const std::string& value : f.values) preset += (preset.empty() ? "" : " ") + value;
    std::printf("  %-14s %s%s\n", f.name.c_str(), f.help.c_str(), preset.empty() ? "" : (" [" + preset + "]").c_str());
  }
  if (settings) std::printf("  %-14s %s\n", "--print-config", "show every setting as it would be used, and stop");
  if (settings)
    std::printf("  %-14s %s\n", "--help-settings",
                "[PREFIX]: every setting, or those that begin so, with range and help");
  std::printf("  %-14s %s\n", "--help", "this text");
  if (settings)
    std::printf(
        "\nSettings are named as in config.yaml, for example train.steps=500 or evolution.growth.max_blocks=4.\n");
}

/// Gives the flag in `words[i]` its values and returns the place of the last word it took. Throws: Error without one.
inline std::size_t read_flag(Flag& flag, const std::vector<std::string>& words, std::size_t i) {
  flag.values.clear();
  if (const auto equals = words[i].find('='); equals != std::string::npos)
    flag.values.push_back(words[i].substr(equals + 1));
  else if (!flag.several && i + 1 < words.size())
    flag.values.push_back(words[++i]);
  while (flag.several && i + 1 < words.size() && !words[i + 1].starts_with("--")) flag.values.push_back(words[++i]);
  if (flag.values.empty()) throw sseg::Error(flag.name + " needs a value", "command line", "see --help");
  flag.value = flag.several ? "" : flag.values.front();
  if (!flag.several) flag.values.clear();
  return i;
}

/// Reads the words into `c`. False when help is wanted. Throws: Error for a flag that there is not, or without a value.
inline bool read_words(CommandLine& c) {
  for (std::size_t i = 1; i < c.words.size(); ++i) {
    const std::string& word = c.words[i];
    if (word == "--help" || word == "-h") return false;
    if (word == "--") {
      c.overrides.insert(c.overrides.end(), c.words.begin() + static_cast<std::ptrdiff_t>(i) + 1, c.words.end());
      break;
    }
    if (word == "--help-settings" && c.operands.empty()) {
      c.help_settings = i + 1 < c.words.size() ? c.words[i + 1] : "";
      return true;
    }
    if (word == "--print-config") {
      c.print_config = true;
    } else if (!word.starts_with("--")) {
      c.overrides.push_back(word);
    } else {
      const auto flag = std::find_if(c.flags.begin(), c.flags.end(),
                                     [&](const Flag& f) { return f.name == word.substr(0, word.find('=')); });
      if (flag == c.flags.end()) throw sseg::Error("no flag '" + word + "'", "command line", "see --help");
      i = read_flag(*flag, c.words, i);
    }
  }
  return true;
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
    std::fprintf(stderr, "%s: %s\n", c.program.c_str(), text.c_str());
    return code;
  };
  c.words.assign(argv, argv + argc);
  try {
    if (!read_words(c)) return print_help(c), 0;
    if (c.help_settings) return print_settings(c.program, *c.help_settings);
  } catch (const sseg::Error& e) {
    return fail(2, e.what_happened() + "; " + e.cure());
  }
  try {
    return body(c);
  } catch (const std::exception& e) {
    return fail(1, e.what());
  }
}

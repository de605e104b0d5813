#include "sseg/experiment/config_help.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sseg/experiment/config.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/io/yaml_fields.hpp"
#include "sseg/meta/override.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

using namespace sseg;
using sseg_test::Contains;

namespace {

/// The words of a range "a | b | c"; none for another.
std::vector<std::string> words_of(std::string_view range) {
  std::vector<std::string> words;
  if (range.find(" | ") == range.npos) return words;
  while (!range.empty()) {
    const auto bar = range.find(" | ");
    words.emplace_back(range.substr(0, bar));
    range = bar == range.npos ? "" : range.substr(bar + 3);
  }
  return words;
}

/// Does the value lie in "a to b", ">= a", "> a" or "<= a"? Nothing for another range.
std::optional<bool> within(std::string_view range, double value) {
  const auto number = [](std::string_view text) { return from_text_value<double>(text).value(); };
  if (const auto to = range.find(" to "); to != range.npos)
    return value >= number(range.substr(0, to)) && value <= number(range.substr(to + 4));
  if (range.starts_with(">= ")) return value >= number(range.substr(3));
  if (range.starts_with("<= ")) return value <= number(range.substr(3));
  if (range.starts_with("> ")) return value > number(range.substr(2));
  return {};
}

std::string refusal(const std::string& path, const std::string& value) {
  RunConfig c;
  set_field(c, path, value);
  return sseg_test::message_of([&] { check_config(c); });
}

}  // namespace

TEST_CASE("every setting has help, and all help is on a setting that there is") {
  const auto lines = setting_lines(RunConfig{});
  for (const SettingLine& line : lines) {
    INFO(line.path);
    const SettingHelp* h = help_on(line.path);
    REQUIRE(h != nullptr);
    CHECK_FALSE(h->help.empty());
    CHECK(h->help.find("  ") == h->help.npos);
  }
  for (const SettingHelp& h : setting_help) {
    INFO(h.path);
    CHECK(std::any_of(lines.begin(), lines.end(), [&](const SettingLine& l) { return help_on(l.path) == &h; }));
  }
}

TEST_CASE("the presets lie in the ranges that the help gives") {
  for (const char* preset : {"demo", "curriculum", "omniglot", "cifar_fs", "mini_imagenet", "images", "idx"})
    for (const SettingLine& line : setting_lines(preset_named(preset))) {
      INFO(preset << " " << line.path << " = " << line.value);
      const std::string_view range = help_on(line.path)->range;
      const auto words = words_of(range);
      if (!words.empty()) {
        const bool quoted = line.value.starts_with('"');
        const std::string value = quoted ? line.value.substr(1, line.value.size() - 2) : line.value;
        CHECK(std::find(words.begin(), words.end(), value) != words.end());
      } else if (!range.empty()) {
        CHECK(within(range, from_text_value<double>(line.value).value()) == true);
      }
    }
}

TEST_CASE("the words that the help lists are those that a configuration may have") {
  for (const SettingLine& line : setting_lines(RunConfig{})) {
    const auto words = words_of(help_on(line.path)->range);
    if (words.empty() || line.type != "text") continue;
    INFO(line.path);
    CHECK_FALSE(refusal(line.path, "no such word").empty());
    for (const std::string& word : words) {
      INFO(word);
      CHECK_THAT(refusal(line.path, word), !Contains(line.path + "\n"));
    }
  }
}

TEST_CASE("a configuration printed with help reads back to itself") {
  RunConfig config = omniglot_config(), read;
  config.data.path = "a # \"b\": c";
  config.evolution.growth.trigger.steps = {1, 2};
  const std::string text = to_yaml_with_help(config);
  fields_from_yaml(text, read, "config.yaml");
  CHECK(read == config);
  const std::string gap(23, ' ');
  CHECK_THAT(text, Contains("  image_size: 52" + gap + "# 8 to 512; side of what the net reads, pixels\n"));
}

TEST_CASE("settings can be listed with type, range and help") {
  CHECK(settings_text(RunConfig{}, "optim.r") ==
        "optim.rate = 0.005   (a number, > 0)\n    peak learning rate, below 1000\n");
  CHECK(settings_text(RunConfig{}, "augment.photo.warp.shear") ==
        "augment.photo.warp.shear = 0   (a number, >= 0)\n    slant, share of the side\n");
  CHECK(settings_text(RunConfig{}, "nothing").empty());
}

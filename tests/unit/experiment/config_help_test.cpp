#include "sseg/experiment/config_help.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sseg/experiment/config.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/io/yaml_fields.hpp"
#include "sseg/meta/override.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace config_help_test {

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

/// Numbers just outside of "a to b", ">= a", "> a" or "<= a", and the ends that lie inside.
struct Ends {
  std::vector<double> outside{}, inside{};
};
Ends ends_of(std::string_view range, bool whole) {
  const auto number = [](std::string_view text) { return from_text_value<double>(text).value(); };
  const auto near = [&](double end, double side) {
    return end + side * (whole ? 1 : 1e-3 * std::max(1e-3, std::abs(end)));
  };
  if (const auto to = range.find(" to "); to != range.npos) {
    const double least = number(range.substr(0, to)), most = number(range.substr(to + 4));
    return {{near(least, -1), near(most, 1)}, {least, most}};
  }
  if (range.starts_with(">= ")) return {{near(number(range.substr(3)), -1)}, {number(range.substr(3))}};
  if (range.starts_with("<= ")) return {{near(number(range.substr(3)), 1)}, {number(range.substr(3))}};
  return {{number(range.substr(2))}, {near(number(range.substr(2)), 1)}};  // "> a"
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

TEST_CASE("numbers beyond the ranges that the help gives are refused, and their ends are not") {
  const std::set<std::string> bound_by_another{"evolution.seed_network.unpooled_blocks",
                                               "ssl.contrastive.weight",
                                               "ssl.dino.local_scale_min",
                                               "ssl.dino.local_scale_max",
                                               "ssl.collapse.entropy_low_share",
                                               "ssl.collapse.entropy_high_share",
                                               "augment.photo.scale_max",
                                               "augment.photo.blur.sigma_min",
                                               "augment.photo.blur.sigma_max",
                                               "augment.photo.erase.scale_min",
                                               "augment.photo.erase.scale_max",
                                               "augment.photo.erase.ratio_max"};
  for (const SettingLine& line : setting_lines(RunConfig{})) {
    const std::string_view range = help_on(line.path)->range, help = help_on(line.path)->help;
    if (range.empty() || line.type == "text" || !words_of(range).empty()) continue;
    const bool whole = line.type == "a whole number";
    const auto text = [&](double v) { return whole ? to_text_value(static_cast<Index>(v)) : to_text_value(v); };
    const Ends ends = ends_of(range, whole);
    for (const double outside : ends.outside) {
      INFO(line.path << " = " << outside);
      CHECK_FALSE(refusal(line.path, text(outside)).empty());
    }
    if (bound_by_another.count(line.path) > 0) continue;
    for (const double inside : ends.inside) {
      INFO(line.path << " = " << inside);
      const bool open = help.find((inside == ends.inside.front() ? "above " : "below ") + text(inside)) != help.npos;
      CHECK(refusal(line.path, text(inside)).empty() != open);
    }
  }
  CHECK_THAT(refusal("data.channels", "2"), Contains("data.channels"));
  CHECK_THAT(refusal("curriculum.channels", "2"), Contains("curriculum"));
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

}  // namespace config_help_test

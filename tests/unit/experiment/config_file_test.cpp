#include "sseg/experiment/config_file.hpp"

#include <limits>
#include <string>
#include <type_traits>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace config_file_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

/// Text of 0 to 11 bytes from all that may stand in a name or path: quotes, escapes, control characters, more bytes.
std::string any_text(Rng& rng) {
  constexpr std::string_view parts[] = {"\"", "\\", "\n", "\t",         "\x01", "\x7f", "#",  ": ",
                                        " ",  "a",  "é",  "\U0001f600", "'",    "[",    "- ", "~"};
  std::string text;
  for (auto n = rng.below(8); n > 0; --n) text += parts[rng.below(std::size(parts))];
  return text;
}

template <class T>
void fill(Rng& rng, T& value) {
  if constexpr (Reflected<T>) {
    for_each_field(value, [&](std::string_view, auto& member) { fill(rng, member); });
  } else if constexpr (ListField<T>) {
    value.resize(static_cast<std::size_t>(rng.below(4)));
    for (auto& item : value) fill(rng, item);
  } else if constexpr (std::is_same_v<T, bool>) {
    value = rng.below(2) == 1;
  } else if constexpr (std::is_floating_point_v<T>) {
    const T extremes[] = {std::numeric_limits<T>::infinity(),
                          -std::numeric_limits<T>::infinity(),
                          std::numeric_limits<T>::denorm_min(),
                          std::numeric_limits<T>::max(),
                          T{0},
                          T(-0.1)};
    const auto k = rng.below(8);
    value = k < 6 ? extremes[k] : static_cast<T>(rng.uniform()) * static_cast<T>(1e3);
  } else if constexpr (std::is_integral_v<T>) {
    const auto k = rng.below(4);
    value = k == 0   ? std::numeric_limits<T>::min()
            : k == 1 ? std::numeric_limits<T>::max()
                     : static_cast<T>(rng.below(100000));
  } else {
    value = any_text(rng);
  }
}

RunConfig loaded(const std::string& text) {
  const ConfigFile file = parse_config_file(text, "run.yaml");
  RunConfig config = file.base().empty() ? demo_config() : preset_named(file.base());
  file.apply(config);
  return config;
}
std::string refusal(const std::string& text) {
  return message_of([&] { loaded(text); });
}

constexpr const char* experiment = R"(evolution:
  seed_network:
    initial_channels: 32
    num_blocks: 2
  growth:
    max_blocks: 6
    max_channels: 256
    sensitivity_method: taylor

ssl:
  contrastive:
    temperature: 0.1
  distillation:
    ema_decay: 0.996
  rotation:
    enabled: true

curriculum:
  image_size: 84
  levels: [1, 2, 3, 4]
)";

}  // namespace

TEST_CASE("a configuration reads back from the YAML that a run writes, whatever its values") {
  Rng rng(7);
  for (int i = 0; i < 200; ++i) {
    RunConfig config, read;
    fill(rng, config);
    fill(rng, read);  // nothing of this may be left
    fields_from_yaml(to_yaml(config), read, "config.yaml");
    REQUIRE(read == config);
  }
}

TEST_CASE("the experiment of the framework's description loads as it is") {
  const RunConfig c = loaded(experiment);
  CHECK(c.evolution.seed_network.initial_channels == 32);
  CHECK(c.evolution.seed_network.num_blocks == 2);
  CHECK(c.evolution.growth.max_blocks == 6);
  CHECK(c.evolution.growth.max_channels == 256);
  CHECK(c.evolution.growth.sensitivity_method == "taylor");
  CHECK(c.ssl.contrastive.temperature == 0.1f);
  CHECK(c.ssl.distillation.ema_decay == 0.996f);
  CHECK(c.ssl.rotation.enabled);
  CHECK(c.data.source == "curriculum");
  CHECK(c.data.image_size == 84);
  CHECK(c.curriculum.scheduler.first_level == 1);
  CHECK(c.curriculum.scheduler.last_level == 4);
  CHECK(c.train == curriculum_config().train);
  CHECK_NOTHROW(check_config(c));
}

TEST_CASE("an experiment file says what it changes by its preset, its source or its curriculum") {
  CHECK(loaded("preset: cifar_fs\ndata: {path: x}").name == "cifar_fs");
  CHECK(loaded("data: {source: folder, path: x}").name == "images");
  CHECK(loaded("data: {source: shapes}") == demo_config());
  CHECK(loaded("curriculum: {levels: [2, 3]}").curriculum.scheduler.first_level == 2);
  CHECK(loaded("train: {steps: 5}").name == "demo");
  CHECK(loaded("# nothing") == demo_config());
  CHECK(loaded("curriculum:\n  levels: [2, 3]\n  scheduler:\n").curriculum.scheduler.last_level == 3);
  CHECK(loaded("curriculum: {levels: , image_size: }") == curriculum_config());
  CHECK(loaded("preset:\nablation: {seeds: [1]}\ncurriculum:\ndata: {source: shapes}") == demo_config());
  CHECK(loaded("{\"preset\": \"curriculum\", \"data\": {\"image_size\": 20}}").data.image_size == 20);
}

TEST_CASE("what is wrong in an experiment file is told with its line") {
  CHECK_THAT(refusal("train:\n  steps: 5\nevolution:\n  growth:\n    max_block: 3"),
             Contains("evolution.growth: no field 'max_block'") && Contains("run.yaml:5:5") &&
                 Contains("did you mean 'max_blocks'?"));
  CHECK_THAT(refusal("optim:\n  rate: fast"), Contains("optim.rate: 'fast' is not a number") &&
                                                  Contains("run.yaml:2:3") &&
                                                  Contains("give a number (> 0; peak learning rate"));
  CHECK_THAT(refusal("preset: mnist"), Contains("there is no preset 'mnist'") && Contains("run.yaml:1:1"));
  CHECK_THAT(refusal("- 1"), Contains("this is no experiment") && Contains("run.yaml:1:1"));
  CHECK_THAT(refusal("curriculum:\n  levels: [1, 3]"), Contains("no levels that follow") && Contains("run.yaml:2:3"));
  CHECK_THAT(refusal("curriculum:\n  levels: 3"), Contains("no levels that follow"));
  CHECK_THAT(refusal("curriculum:\n  levels: []"), Contains("no levels that follow"));
  CHECK_THAT(refusal("curriculum: {levels: [1, 2], scheduler: {last_level: 3}}"),
             Contains("'levels' is another way to set 'last_level'"));
  CHECK_THAT(refusal("curriculum: {levels: [1, 2], scheduler: 3}"), Contains("scheduler: found no group"));
  CHECK_THAT(refusal("data: {image_size: 20}\ncurriculum: {image_size: 20}"),
             Contains("'curriculum.image_size' is another way to set 'image_size'"));
  CHECK_THAT(refusal("preset: demo\ncurriculum: {image_size: 20}"), Contains("but the run reads others"));
  CHECK_THAT(message_of([] { load_config_file("no/such.yaml"); }), Contains("no/such.yaml"));

  const ConfigFile file = parse_config_file("data: {source: shapes}\noptim:\n  method: lion", "run.yaml");
  RunConfig config;
  file.apply(config);
  CHECK_THAT(message_of([&] { check_config(config, file); }),
             Contains("no such optimizer") && Contains("run.yaml:3:3: optim.method"));
  config = {};
  config.train.steps = 0;
  CHECK_THAT(message_of([&] { check_config(config, file); }), Contains("where: train"));
  const ConfigFile count = parse_config_file("data:\n  source: shapes\n  count: 0", "run.yaml");
  config = {};
  count.apply(config);
  CHECK_THAT(message_of([&] { check_config(config, count); }), Contains("run.yaml:3:3: data.count, data.train_kinds"));
}

TEST_CASE("a file is read where it lies") {
  const sseg_test::TempFolder folder;
  folder.add("run.yaml", "train: {steps: 7}\n");
  RunConfig config;
  load_config_file(folder / "run.yaml").apply(config);
  CHECK(config.train.steps == 7);
  folder.add("large.yaml", std::string((1 << 20) + 1, '\n'));
  CHECK_THAT(message_of([&] { load_config_file(folder / "large.yaml"); }), Contains("larger than 1 MiB"));
}

}  // namespace config_file_test

// The experiments in examples/configs load, make sense, and change what their comments say.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sseg/experiment/config_file.hpp"
#include "sseg/experiment/config_help.hpp"
#include "sseg/experiment/experiment_pipeline.hpp"
#include "support/catch.hpp"

namespace example_configs_test {

using namespace sseg;
namespace fs = std::filesystem;

namespace {

fs::path configs() {  // tests/unit/experiment/… -> examples/configs
  return fs::path(__FILE__).parent_path() / "../../../examples/configs";
}

/// The settings in which an experiment differs from the preset that it changes.
std::set<std::string> changes(const ConfigFile& file) {
  RunConfig config = preset_named(file.base());
  const auto before = setting_lines(config);
  file.apply(config);
  CHECK_NOTHROW(check_config(config, file));
  const auto after = setting_lines(config);
  std::set<std::string> changed;
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i].value != after[i].value) changed.insert(after[i].path);
  return changed;
}

}  // namespace

TEST_CASE("every experiment of the examples loads and changes what it says") {
  using Paths = std::set<std::string>;
  const Paths small_curriculum{"data.count",
                               "data.image_size",
                               "curriculum.channels",
                               "evolution.seed_network.initial_channels",
                               "evolution.seed_network.num_blocks",
                               "evolution.seed_network.channel_factor",
                               "train.steps",
                               "train.probe_every",
                               "evaluation.copies"};
  Paths pipeline = small_curriculum, schedule = small_curriculum;
  pipeline.insert({"data.knn_images", "data.probe_images", "evolution.growth.max_channels",
                   "ssl.distillation.ema_decay", "ssl.rotation.enabled"});
  schedule.insert("evolution.growth.trigger.kind");
  const std::map<std::string, Paths> expected{
      {"quick_demo.yaml", {}},
      {"omniglot_minimal.yaml", {"data.path"}},
      {"omniglot_standard.yaml", {"name", "data.path", "train.steps", "train.probe_every"}},
      {"cifar_fs.yaml", {"data.path"}},
      {"mini_imagenet.yaml", {"data.path"}},
      {"exp_full_pipeline.yaml", pipeline},
      {"ablation_tasks.yaml", {"ssl.distillation.weight", "ssl.dino.weight", "ssl.rotation.enabled", "train.steps"}},
      {"ablation_growth.yaml", {"train.steps"}},
      {"ablation_baselines.yaml", {"train.steps"}},
      {"ablation_curriculum.yaml", schedule},
      {"ablation_routing.yaml", {"nase.enabled", "nase.router.unit", "nase.router.ramp_steps", "train.steps"}},
      {"ablation_drawings.yaml", {"data.path"}},
  };
  std::size_t found = 0;
  for (const auto& entry : fs::directory_iterator(configs())) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".yaml") continue;
    INFO(name);
    ++found;
    const ConfigFile file = load_config_file(entry.path());
    CHECK_FALSE(file.preset.empty());
    REQUIRE(expected.contains(name));
    CHECK(changes(file) == expected.at(name));
    RunConfig base = preset_named(file.preset);
    file.apply(base);
    CHECK_NOTHROW(ablation_plan(file, base));
    CHECK(file.ablation.has_value() == (name.starts_with("ablation_") || name == "exp_full_pipeline.yaml"));
  }
  CHECK(found == expected.size());
}

TEST_CASE("the pipeline of the examples runs all six stages on its experiment") {
  const ExperimentPipeline p = load_pipeline(configs() / "full_pipeline.json");
  CHECK(p.on.size() == 6);
  CHECK(p.config.data.image_size == 28);
  CHECK(p.ablation->settings.seeds.size() == 2);
}

}  // namespace example_configs_test

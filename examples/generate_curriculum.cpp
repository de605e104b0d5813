// Writes synthetic pictures of four levels of difficulty as a folder of PNG files, with the truth behind each in
// manifest.csv and a contact sheet to look at. train_sseg reads the folder:
//   generate_curriculum --output_dir pictures count=1000 side=84
//   train_sseg data.source=curriculum data.path=pictures data.image_size=84
//   generate_curriculum --config exp_full_pipeline.yaml      the pictures that an experiment trains on
// With a trained net the pictures of level 4 are also perturbed against it, and each level's difficulty for it is told:
//   generate_curriculum --output_dir attacked --against runs/curriculum/latest --epsilon 0.03
// test: --output_dir pictures --replace yes count=12 side=20 shapes=5 textures=3
// test: --output_dir pictures --replace yes count=80 side=40 shapes=5
// test: --output_dir attacked --replace yes --against ../train_sseg_6/runs/curriculum/latest count=20 shapes=5
// test: --config ${examples}/configs/exp_full_pipeline.yaml --replace yes count=4
// test: --output_dir pictures --replace yes count=4 side=20 shapes=1 textures=1
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/curriculum_attack.hpp>
#include <sseg/experiment/curriculum_folder.hpp>
#include <sseg/experiment/data_sets.hpp>
#include <sseg/experiment/net_difficulty.hpp>
#include <sseg/experiment/tasks.hpp>
#include <sseg/io/word_sum.hpp>
#include <sseg/meta/override.hpp>
#include <sseg/train/checkpoint.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <tuple>

#include "support/command_line.hpp"

namespace {

using namespace sseg;
using MainBackbone = std::tuple_element_t<0, decltype(MainNet::layers)>;

void print(const SyntheticCurriculum& c, const std::filesystem::path& folder, const std::array<double, 4>& difficulty) {
  for (Index l = 1; l <= LevelMix::levels; ++l)
    std::printf("level %td: %td pictures of %td x %td, mean difficulty %.3f\n", l, c.each.count, c.each.side,
                c.each.side, difficulty[to_size(l - 1)]);
  std::printf("%s\n%s\n", (folder / "manifest.csv").c_str(), (folder / "contact_sheet.png").c_str());
}

/// A net that level 4 is made against: a checkpoint's teacher.
struct Opponent {
  std::filesystem::path file;
  Checkpoint<MainNet> checkpoint;

  explicit Opponent(const std::filesystem::path& path)
      : file(std::filesystem::is_directory(path) ? path / "checkpoint.safetensors" : path),
        checkpoint(load_checkpoint<MainNet>(file)) {}

  const MainBackbone& net() const { return backbone(checkpoint.state.model.net); }
  const ParamStore<float>& store() const { return checkpoint.state.model.teacher; }
  /// 16 digits that stand for its weights.
  std::string name() const {
    sseg::detail::WordSum sum;
    for (const auto* part : {&store().value, &store().state})
      sum.add(std::span(reinterpret_cast<const std::uint8_t*>(part->data()), to_size(part->size()) * sizeof(float)));
    return sum.hex();
  }
};

FeatureAttackConfig attack_config(const CommandLine& args) {
  const FeatureAttackConfig config{.epsilon = args.number<float>("--epsilon", 0, 1, "give 0 to 1"),
                                   .step_size = args.number<float>("--step_size", 0, 1, "give 0 to 1"),
                                   .steps = args.number<Index>("--attack_steps", 0, 1000, "give 0 to 1000")};
  config.check();
  return config;
}

void write_against(Cpu& cpu, const Opponent& against, const FeatureAttackConfig& config, const SyntheticCurriculum& c,
                   const std::filesystem::path& folder) {
  CurriculumAttack attack(cpu, against.net(), against.store(), config, Rng(c.each.seed).split("attack"),
                          against.name());
  print(c, folder, write_curriculum(cpu.threads(), c, folder, std::ref(attack)));
  std::printf("against %s (%s):\n", against.file.c_str(), against.name().c_str());
  std::printf("mean feature shift on level 4: %.4f, by random values as small %.4f\n", attack.mean_shift(),
              attack.mean_random_shift());
  Index level = 0;
  for (const NetDifficulty& d :
       net_difficulty(cpu, against.net(), against.store(), load_curriculum(cpu.threads(), folder)))
    std::printf("level %td: difficulty for this net %.3f, of a guess %.3f\n", ++level, d.mean, d.guess);
}

/// Throws: Error unless the experiment is one on the curriculum.
RunConfig experiment_of(const ConfigFile& file) {
  RunConfig c = preset_named(file.base().empty() ? "demo" : file.base());
  file.apply(c);
  check_config(c, file);
  require(c.data.source == "curriculum", "the experiment does not train on the curriculum", "--config",
          "set data.source: curriculum in it, or give the sizes as count=, side=");
  return c;
}

int generate(const CommandLine& args) {
  SyntheticCurriculum c{{.shapes = 12, .textures = 8}};
  std::filesystem::path folder = args["--output_dir"];
  if (const auto file = args.config_file()) {
    const RunConfig experiment = experiment_of(*file);
    c = training_curriculum(experiment);
    if (folder.empty()) folder = experiment.data.path.empty() ? "curriculum" : experiment.data.path;
  }
  std::optional<Opponent> against;
  if (!args["--against"].empty()) {
    against.emplace(args["--against"]);
    c.each.side = against->checkpoint.image[0], c.each.channels = against->checkpoint.image[2];
  }
  for (const std::string& o : args.overrides) apply_override(c.each, o);
  if (args.print_config) return std::printf("%s", to_yaml(c.each).c_str()), 0;
  require(!folder.empty(), "no folder is named", "--output_dir", "name the folder to make");
  require(args["--replace"] == "yes" || args["--replace"] == "no", "neither yes nor no", "--replace", "give yes or no");
  c.each.check();  // before anything is removed
  const FeatureAttackConfig attack = attack_config(args);
  require(!against || against->checkpoint.image == c.each.spec().shape, "the net reads pictures of another size",
          "side, channels", "leave them out: with --against they are the net's");
  if (args["--replace"] == "yes") remove_curriculum(folder);

  Cpu cpu(args.cpu());
  if (against)
    write_against(cpu, *against, attack, c, folder);
  else
    print(c, folder, write_curriculum(cpu.threads(), c, folder));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(
      argc, argv,
      {.program = "generate_curriculum",
       .summary = "synthetic pictures of four levels of difficulty, as a folder",
       .flags = {{"--output_dir", "the folder to make; of an experiment: its data.path, or curriculum", ""},
                 {"--config", "an experiment on the curriculum: YAML or JSON", ""},
                 {"--replace", "yes: remove an earlier curriculum there", "no"},
                 {"--against", "a checkpoint, or its run's folder: perturb level 4 against its net", ""},
                 {"--epsilon", "of the attack: no value changes by more", "0.0314"},
                 {"--step_size", "of the attack: a step changes every value by this", "0.0078"},
                 {"--attack_steps", "of the attack", "6"},
                 {"--threads", "0: all cores", "0"},
                 lanes_flag,
                 winograd_flag}},
      generate);
}

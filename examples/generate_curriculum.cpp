// Writes synthetic pictures of four levels of difficulty as a folder of PNG files, with the truth behind each in
// manifest.csv and a contact sheet to look at. train_sseg reads the folder:
//   generate_curriculum --output_dir pictures count=1000 side=84
//   train_sseg data.source=curriculum data.path=pictures data.image_size=84
//   generate_curriculum --config exp_full_pipeline.yaml      the pictures that an experiment trains on
// test: --output_dir pictures --replace yes count=12 side=20 shapes=5 textures=3
// test: --config ${examples}/configs/exp_full_pipeline.yaml --replace yes count=4
#include <sseg/experiment/curriculum_folder.hpp>
#include <sseg/experiment/data_sets.hpp>
#include <sseg/meta/override.hpp>

#include <cstdio>
#include <filesystem>

#include "support/command_line.hpp"

namespace {

using namespace sseg;

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
  for (const std::string& o : args.overrides) apply_override(c.each, o);
  if (args.print_config) return std::printf("%s", to_yaml(c.each).c_str()), 0;
  require(!folder.empty(), "no folder is named", "--output_dir", "name the folder to make");
  require(args["--replace"] == "yes" || args["--replace"] == "no", "neither yes nor no", "--replace", "give yes or no");
  c.each.check();  // before anything is removed
  if (args["--replace"] == "yes") remove_curriculum(folder);

  Threads threads(args.threads());
  const auto difficulty = write_curriculum(threads, c, folder);
  for (Index l = 1; l <= LevelMix::levels; ++l)
    std::printf("level %td: %td pictures of %td x %td, mean difficulty %.3f\n", l, c.each.count, c.each.side,
                c.each.side, difficulty[to_size(l - 1)]);
  std::printf("%s\n%s\n", (folder / "manifest.csv").c_str(), (folder / "contact_sheet.png").c_str());
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
                 {"--threads", "0: all cores", "0"}}},
      generate);
}

// Pretrains a net on a folder of unlabelled pictures within a time that is given; everything else is chosen by looking
// at them. What comes out tells new pictures apart from a few examples: classify_folder.
//   pretrain_folder pictures
//   pretrain_folder photos.zip --minutes 60 --image_size 64
// The number of steps that fit is measured before the run starts and is in its config.yaml.
// clang-format off
// test: ../generate_curriculum_2/pictures/level_1 --minutes 0.3 --image_size 16 evolution.seed_network.initial_channels=8 evolution.growth.trigger.kind=every
// fails: ../generate_curriculum_2/pictures/level_1 --minutes 0.3 train.steps=30
// fails: ../generate_curriculum_2/pictures/level_1 --minutes 0.3 train.stepz=30
// clang-format on
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/fit_to_time.hpp>
#include <sseg/experiment/folder_plan.hpp>
#include <sseg/experiment/load_images.hpp>
#include <sseg/experiment/run_meta.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "support/command_line.hpp"
#include "support/stop_on_interrupt.hpp"

using namespace sseg;

namespace {

using Clock = std::chrono::steady_clock;

FolderWishes wishes_of(const CommandLine& args) {
  FolderWishes wishes;
  wishes.minutes = args.number<double>("--minutes", 1e-3, 1e5, "give more than 0 minutes");
  if (args["--image_size"] != "auto")
    wishes.image_size = args.number<Index>("--image_size", 16, 512, "give 16 to 512, or auto");
  wishes.preset = args["--preset"];
  wishes.overrides.assign(args.overrides.begin() + 1, args.overrides.end());
  return wishes;
}

/// The settings of the run but for its length; says what was chosen.
RunConfig planned(const CommandLine& args, Cpu& cpu, const FolderWishes& wishes) {
  const std::filesystem::path path = args.overrides.front();
  const FolderPlan plan = plan_folder(path, folder_facts(cpu.threads(), path), wishes);
  if (!args.print_config)
    for (const std::string& reason : plan.reasons) std::printf("%s\n", reason.c_str());
  return plan.config;
}

int pretrain_on(const CommandLine& args) {
  const auto start = Clock::now();
  require(!args.overrides.empty(), "no pictures are named", "command line",
          "name a folder or an archive: pretrain_folder FOLDER");
  Cpu cpu(args.cpu());
  const FolderWishes wishes = wishes_of(args);
  RunConfig config = planned(args, cpu, wishes);
  if (args.print_config) return std::printf("%s", to_yaml(config).c_str()), 0;
  const AnyDataset images = training_data(config);
  check_enough_pictures(images.size(), config.data.path);

  const double seconds = 60 * wishes.minutes;
  const RunCosts costs = measure_costs(cpu, config, images, std::min(10.0, 0.03 * seconds));
  const double spent = std::chrono::duration<double>(Clock::now() - start).count();
  fit_to_time(config, costs, seconds, spent, wishes.overrides);
  std::printf("%td steps: one takes %.0f ms, on %d threads\n", config.train.steps, 1000 * costs.step,
              cpu.threads().count());

  const RunFolder folder = RunFolder::create(args["--output_dir"], config.name);
  RunMetaFile meta(folder.meta(), args.words, cpu.threads().count(), config.seed, arithmetic_of(cpu));
  std::printf("%td pictures, run folder %s\n", images.size(), folder.path().c_str());
  const PretrainResult result = pretrain(cpu, config, images, folder, stop_on_interrupt());
  meta.end(result.finished() ? "finished" : "interrupted");
  if (!result.finished()) {
    std::printf("\nstopped after step %td. To go on: train_sseg --resume %s\n", result.state.step,
                folder.path().c_str());
    return 130;
  }
  if (result.ending != Ending::last_step)
    std::printf("ended at step %td of %td: %s\n", result.state.step, config.train.steps,
                std::string(to_string(result.ending)).c_str());
  std::printf("net %s\ncheckpoint: %s\n", describe(backbone(result.state.model.net)).c_str(),
              folder.checkpoint().c_str());
  std::printf(
      "next, with a folder of examples (one sub-folder a class):\n"
      "  classify_folder --checkpoint %s --examples EXAMPLES --queries PICTURES\n",
      folder.path().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.program = "pretrain_folder",
                      .summary = "pretrains a net on unlabelled pictures within a given time",
                      .flags = {{"--minutes", "what all of it may take", "10"},
                                {"--image_size", "side of the pictures as the net reads them, or auto", "auto"},
                                {"--preset", "photos, drawings, or auto", "auto"},
                                {"--output_dir", "where run folders are made", "runs"},
                                {"--threads", "0: all cores", "0"},
                                lanes_flag,
                                winograd_flag},
                      .operands = "FOLDER [SETTING=VALUE ...]"},
                     pretrain_on);
}

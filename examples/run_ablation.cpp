// What does each part of the method do? Trains variants of an experiment, each with several seeds, evaluates all in the
// same episodes, and prints a table with paired differences to the base.
//   run_ablation --config examples/configs/ablation_tasks.yaml                 the grid of that file
//   run_ablation --config examples/configs/ablation_tasks.yaml --jobs 2        two cells at a time, each a process
//   mpirun -np 4 run_ablation --config examples/configs/ablation_tasks.yaml    cells dealt out to ranks, on many
//   machines run_ablation --config examples/configs/exp_full_pipeline.yaml train.steps=500
// An experiment without a group `ablation` is compared with the untrained net, without growth, with growth by chance
// and with NT-Xent alone. The same command goes on where it was interrupted; finished cells are kept.

// clang-format off
// test: --config ${examples}/configs/ablation_baselines.yaml --threads 1 data.count=60 data.image_size=16 data.probe_images=8 train.steps=6 train.batch=8 train.probe_every=3 evaluation.episodes=10 evolution.seed_network.initial_channels=4
// test: --config ${examples}/configs/ablation_growth.yaml --jobs 2 --threads 1 data.count=60 data.image_size=16 data.probe_images=8 train.steps=6 train.batch=8 train.probe_every=3 evaluation.episodes=10 evolution.seed_network.initial_channels=4
// fails: --config ${examples}/configs/full_pipeline.json
// fails: --config ${examples}/configs/quick_demo.yaml --cell no_such/1
// clang-format on
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/ablation.hpp>
#include <sseg/experiment/ablation_on_ranks.hpp>

#include "support/cell_command.hpp"
#include "support/command_line.hpp"
#include "support/ranks.hpp"
#include "support/stop_on_interrupt.hpp"

using namespace sseg;

namespace {

/// The whole grid: on all ranks, in processes that this one starts, or here.
template <class C>
AblationOutcome outcome_of(const CommandLine& args, Cpu& cpu, C& ranks, const AblationPlan& plan, int jobs) {
  const std::filesystem::path root = args["--output_dir"];
  if (ranks.size() == 1) {
    const auto command = [&](const AblationCell& cell) {
      return cell_command(args, {"--config", "--output_dir", "--threads", "--lanes", "--winograd"}, cell);
    };
    return run_ablation(cpu, plan, root, jobs, command, stop_on_interrupt());
  }
  require(jobs == 1, "ranks are processes already", "--jobs", "leave it out, and start more ranks");
  const RankOutput out(ranks);  // what the others do is to be seen in their cells
  return run_ablation_on_ranks(cpu, ranks, plan, root, stop_on_interrupt(), out.get());
}

template <class C>
int run_grid(const CommandLine& args, Cpu& cpu, C& ranks, const AblationPlan& plan, int jobs) {
  const AblationOutcome outcome = outcome_of(args, cpu, ranks, plan, jobs);
  const int code = outcome.interrupted ? 130 : outcome.failed.empty() ? 0 : 1;
  if (ranks.rank() != 0) return code;
  if (!outcome.table.rows.empty()) std::printf("\n%s", to_plain_text(outcome.table).c_str());
  for (const FailedCell& f : outcome.failed) std::fprintf(stderr, "failed: %s: %s\n", f.cell.c_str(), f.reason.c_str());
  std::printf("report: %s\n", (std::filesystem::path(args["--output_dir"]) / "ablation.json").c_str());
  if (outcome.interrupted) std::printf("stopped; the same command goes on from here\n");
  return code;
}

}  // namespace

int ablate(const CommandLine& args) {
  require(!args["--config"].empty(), "no experiment is named", "--config", "name one, for example of examples/configs");
  const ConfigFile file = load_config_file(args["--config"]);
  RunConfig base = preset_named(file.base().empty() ? "demo" : file.base());
  args.configure(base);
  if (args.print_config) return std::printf("%s", to_yaml_with_help(base).c_str()), 0;
  const AblationPlan plan = ablation_plan(file, base);
  const int jobs = args.number<int>("--jobs", 1, 1024, "give 1 or more processes");
  CpuOptions options = args.cpu();
  if (jobs > 1) options.threads = 1;  // with processes this one only waits
  Cpu cpu(options);
  if (!args["--cell"].empty())
    return run_cell_named(cpu, plan, args["--output_dir"], args["--cell"], stop_on_interrupt()) ? 0 : 130;

  return on_ranks([&](auto& ranks) { return run_grid(args, cpu, ranks, plan, jobs); });
}

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.program = "run_ablation",
                      .summary = "variants of an experiment, several seeds, the same episodes, paired differences",
                      .flags = {{"--config", "the experiment with its group `ablation`: YAML or JSON", ""},
                                {"--output_dir", "where cells and ablation.json go", "outputs/ablation"},
                                {"--jobs", "cells that run at a time, each a process", "1"},
                                {"--cell", "run only this one: VARIANT/SEED", ""},
                                {"--threads", "of each cell; 0: all cores", "0"},
                                lanes_flag,
                                winograd_flag}},
                     ablate);
}

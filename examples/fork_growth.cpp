// Was the mutation worth it? From one checkpoint of a run, trains on with and without the mutation that growth proposes
// there, over the same batches, and compares both on classes that the run has never seen.
//   fork_growth --checkpoint runs/demo/latest                  synthetic shapes: the kinds held back
//   fork_growth --checkpoint runs/omniglot/latest --evaluate images_background.zip     alphabets not trained on
//   fork_growth --checkpoint runs/cifar_fs/latest --split validation                   CIFAR-FS
//   fork_growth … --orders 5                                   five data orders: is it more than luck of training?
//   mpirun -np 5 fork_growth … --orders 5                      dealt out to ranks
// The checkpoint of a stopped run lies somewhere along its schedule, and both arms follow it. A finished run has no
// learning rate left: give train.steps=… as to resume it for longer, or --rate for a constant one. evolution.growth.*
// may be changed to change the proposal: max_blocks=0 leaves only WIDEN, max_channels=0 only GROW.

// test: --checkpoint ../train_sseg_2/runs/demo/latest --steps 8 --orders 2 train.steps=60 evaluation.episodes=20
// clang-format off
// test: --checkpoint ../train_sseg_1/runs/omniglot/latest --rate 0.001 --steps 5 --evaluate ${data}/omniglot/images_background_small2.zip evaluation.episodes=20
// clang-format on
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/growth_fork.hpp>
#include <sseg/experiment/load_images.hpp>
#include <sseg/train/checkpoint.hpp>

#include "support/command_line.hpp"
#include "support/evaluation.hpp"
#include "support/ranks.hpp"
#include "support/stop_on_interrupt.hpp"

using namespace sseg;

namespace {

/// The fork goes on from the run as it was: its length, its growth, its evaluation and the place of its images may
/// change.
void check_unchanged(const RunConfig& before, RunConfig after) {
  after.train.steps = before.train.steps;
  after.evolution.growth = before.evolution.growth;
  after.evaluation = before.evaluation;
  after.data.path = before.data.path;
  require(after == before, "a setting of the run is changed", "command line",
          "change train.steps, data.path, evolution.growth.* or evaluation.* only");
}

RunConfig configuration(const CommandLine& args, const Json& of_run, const std::string& file) {
  RunConfig config;
  fields_from_json(of_run, config, "config of " + file);
  const RunConfig before = config;
  for (const std::string source : {"omniglot", "cifar_fs"})
    if (const std::string path = args["--" + source]; !path.empty()) {
      require(config.data.source == source, "the run was trained on other images", "--omniglot, --cifar_fs",
              "name the images of the run, or leave the flag out");
      config.data.path = path;
    }
  args.configure(config);
  check_unchanged(before, config);
  return config;
}

void print(const ForkReport& r) {
  const MutationRecord& m = r.mutation;
  std::printf(
      "\nfrom step %td, %td steps with and without the mutation, %td data order%s, learning rate %.2g to %.2g\n",
      r.step, r.steps, r.orders, r.orders == 1 ? "" : "s", r.rate_first, r.rate_last);
  std::printf("mutation: %s %s; net %s -> %s\n", m.kind.c_str(), m.place.c_str(), r.net_before.c_str(),
              m.net_after.c_str());
  std::printf("cost: %td -> %td parameters, %td -> %td MACs for one image: as many steps, but not as much work\n",
              m.params_before, m.params_after, m.macs_before, m.macs_after);
  std::printf("probe: %.3f -> %.3f\n%s, %s:\n", m.probe_before, m.probe_after, r.dataset.c_str(), r.split.c_str());
  for (const ForkRow& row : r.rows) std::printf("%s\n", to_lines(row).c_str());
}

template <class C>
int fork_run(const CommandLine& args, C& ranks) {
  require(!args["--checkpoint"].empty(), "no checkpoint is named", "--checkpoint", "name a run folder");
  std::filesystem::path file = args["--checkpoint"];
  if (std::filesystem::is_directory(file)) file /= "checkpoint.safetensors";
  const auto checkpoint = load_checkpoint<MainNet>(file);
  const RunConfig config = configuration(args, checkpoint.config, file.string());
  if (args.print_config) return std::printf("%s", to_yaml_with_help(config).c_str()), 0;
  const ForkSettings settings{
      .steps = args.number<Index>("--steps", 0, 1 << 30, "give a number of steps; 0: as the run waits to grow"),
      .orders = args.number<Index>("--orders", 1, 1000, "give 1 or more data orders"),
      .rate = args.number<float>("--rate", 0, 100, "give a learning rate; 0: the run's schedule")};
  Cpu cpu(args.cpu());
  const AnyDataset images = training_data(config);
  auto labelled = held_back(args, config);
  labelled.images = framed(labelled.images, main_frame(config));
  const RankOutput out(ranks);
  const auto report =
      fork_growth(cpu, ranks, config, images, checkpoint.state, labelled, settings, stop_on_interrupt(), out.get());
  if (ranks.rank() != 0) return report ? 0 : 130;
  if (!report) return std::printf("\nstopped; there is no result\n"), 130;
  print(*report);
  const auto folder = args["--report_dir"].empty() ? file.parent_path() : std::filesystem::path(args["--report_dir"]);
  write_fork(folder / "fork.json", *report);
  std::printf("report: %s\n", (folder / "fork.json").c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(
      argc, argv,
      {.program = "fork_growth",
       .summary = "a run goes on with and without a mutation, over the same batches",
       .flags = {{"--checkpoint", "checkpoint.safetensors of a run, or its folder", ""},
                 {"--steps", "of each arm; 0: what the run waits to grow at most", "0"},
                 {"--orders", "data orders, each trained with and without", "1"},
                 {"--rate", "constant learning rate; 0: the run's schedule", "0"},
                 {"--omniglot", "the run's drawings, where they moved", ""},
                 {"--cifar_fs", "the run's CIFAR-100 folder, where it moved", ""},
                 {"--evaluate", "labelled Omniglot drawings or CIFAR-100 folder", ""},
                 {"--split", "of CIFAR-FS to evaluate on: validation or test", "validation"},
                 {"--report_dir", "where fork.json goes (default: beside the checkpoint)", ""},
                 {"--threads", "0: all cores", "0"},
                 lanes_flag,
                 winograd_flag}},
      [](const CommandLine& args) { return on_ranks([&](auto& ranks) { return fork_run(args, ranks); }); });
}

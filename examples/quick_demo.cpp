// The main job on an embedded default: pretrain a tiny net on synthetic shapes without labels, let it grow, and
// classify kinds of shape it has never seen from one and from five examples each, beside the same net untrained.

// test: train.steps=60 train.probe_every=10 data.count=600 data.probe_images=64 evaluation.episodes=40
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/net_protocols.hpp>
#include <sseg/experiment/pretrain.hpp>
#include <sseg/experiment/run_meta.hpp>

#include "support/command_line.hpp"
#include "support/stop_on_interrupt.hpp"

using namespace sseg;

int demo(const CommandLine& args) {
  RunConfig config = demo_config();
  args.configure(config);
  if (args.print_config) return std::printf("%s", to_yaml_with_help(config).c_str()), 0;
  require(config.data.source == "shapes", "the demonstration draws its own images", "data.source", "use train_sseg");
  Cpu cpu(args.cpu());
  const RunFolder folder = RunFolder::create(args["--output_dir"], config.name);
  RunMetaFile meta(folder.meta(), args.words, cpu.threads().count(), config.seed, arithmetic_of(cpu));
  const Images images = training_shapes(config), held_back = held_back_shapes(config);
  for (const Index shot : config.evaluation.shots)  // better to fail now than after the training
    EpisodeSampler(held_back.label, {}, {config.evaluation.way, shot, config.evaluation.query});
  std::printf("%td unlabelled images of %td kinds of shape; %td other kinds are held back. %d threads.\n",
              images.size(), config.data.train_kinds, static_cast<Index>(held_back.classes.size()),
              cpu.threads().count());

  const auto before = untrained_state(config, held_back.shape);
  const PretrainResult trained = pretrain(cpu, config, images, folder, stop_on_interrupt());
  meta.end(trained.finished() ? "finished" : "interrupted");
  if (!trained.finished()) {
    std::printf("\nstopped; the checkpoint is %s\n", folder.checkpoint().c_str());
    return 130;
  }

  std::vector<FewShotRow> rows;
  for (const auto* state : {&before, &trained.state}) {
    const auto& m = state->model;
    const BaseStatistics base =
        state == &before ? base_statistics(cpu, backbone(m.net), m.teacher, run_inputs(config, images).train, config)
                         : trained.base;
    const NetProtocols<Cpu> protocols(cpu, backbone(m.net), m.teacher, held_back, config, base);
    const FewShotRow about = row_about(config.evaluation, config.seed, state == &before ? "untrained" : "trained",
                                       "shapes", "held-back kinds");
    for (const auto& one : few_shot_accuracies(cpu.threads(), protocols, held_back, about)) rows.push_back(to_row(one));
  }
  write_few_shot(folder.evaluation(), rows);

  const auto& net = trained.state.model.net;
  std::printf("\nnet %s after %td mutations, %td parameters\n", describe(backbone(net)).c_str(),
              static_cast<Index>(trained.state.history.size()), net.param_count());
  for (const FewShotRow& row : rows) std::printf("%s\n", to_line(row).c_str());
  std::printf("\nrun folder: %s\n", folder.path().c_str());
  return 0;
}

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.program = "quick_demo",
                      .summary = "pretrain on synthetic shapes, grow, evaluate 5-way 1-shot and 5-shot",
                      .flags = {{"--threads", "0: all cores", "0"},
                                lanes_flag,
                                winograd_flag,
                                {"--output_dir", "where run folders are made", "runs"}}},
                     demo);
}

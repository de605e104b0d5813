// Evaluates a checkpoint on classes it has never seen, beside the same net untrained.
//   evaluate_fewshot --checkpoint runs/omniglot/latest/checkpoint.safetensors --runs all_runs.zip
//   evaluate_fewshot --checkpoint … --omniglot images_evaluation.zip     within-alphabet episodes
//   evaluate_fewshot --checkpoint runs/demo/latest/checkpoint.safetensors     held-back kinds of shape
#include <sseg/backend/cpu.hpp>
#include <sseg/data/omniglot_runs.hpp>
#include <sseg/experiment/few_shot_report.hpp>
#include <sseg/experiment/load_images.hpp>
#include <sseg/experiment/omniglot_report.hpp>
#include <sseg/experiment/pretrain.hpp>

#include "support/command_line.hpp"

using namespace sseg;

namespace {

struct Contestant {
  const char* name;
  TrainState<Flatten, float> state;
};

int score_runs(Cpu& cpu, const CommandLine& args, const RunConfig& config, const std::vector<Contestant>& nets,
               const std::filesystem::path& report) {
  const auto runs = load_omniglot_runs(args["--runs"], omniglot_options(config.data, config.data.oversample));
  std::vector<OmniglotRow> rows;
  for (const auto& [name, state] : nets) {
    rows.push_back(omniglot_row(cpu, backbone(state.model.net), state.model.teacher, runs, CosineSimilarity{},
                                main_frame(config), mild_augment(config), config.evaluation.copies, config.seed));
    rows.back().net = name;
    std::printf("%s\n", to_line(rows.back()).c_str());
  }
  write_omniglot(report, rows);
  return 0;
}

int score_episodes(Cpu& cpu, const RunConfig& config, const Images& images, const std::string& split,
                   const std::vector<Contestant>& nets, const std::filesystem::path& report) {
  std::vector<FewShotRow> rows;
  for (const auto& [name, state] : nets) {
    const Features features = Embedder<Cpu>(cpu).embed(backbone(state.model.net), state.model.teacher, images);
    const FewShotRow about{.net = name,
                           .dataset = images.name,
                           .split = split,
                           .way = config.evaluation.way,
                           .query = config.evaluation.query,
                           .episodes = config.evaluation.episodes,
                           .seed = config.seed};
    for (const FewShotRow& row : few_shot_rows(cpu.threads(), features, images, about, !images.group.empty())) {
      rows.push_back(row);
      std::printf("%s\n", to_line(row).c_str());
    }
  }
  write_few_shot(report, rows);
  return 0;
}

int evaluate(const CommandLine& args) {
  if (args["--checkpoint"].empty())
    throw Error("no checkpoint is named", "--checkpoint", "name the checkpoint.safetensors of a run folder");
  const std::filesystem::path file = args["--checkpoint"];
  auto checkpoint = load_checkpoint<>(file);
  RunConfig config;
  fields_from_json(checkpoint.config, config, "config of " + file.string());
  args.configure(config);
  if (args.print_config) return std::printf("%s", to_yaml(config).c_str()), 0;

  Cpu cpu(args.threads());
  std::vector<Contestant> nets;
  nets.push_back({"untrained", untrained_state(config, checkpoint.image)});
  nets.push_back({"trained", std::move(checkpoint.state)});
  const auto report =
      args["--report"].empty() ? RunFolder(file.parent_path()).evaluation() : std::filesystem::path(args["--report"]);
  if (!args["--runs"].empty()) return score_runs(cpu, args, config, nets, report);
  if (!args["--omniglot"].empty()) {
    const Images images = load_omniglot(args["--omniglot"], omniglot_options(config.data));
    return score_episodes(cpu, config, images, "within alphabet", nets, report);
  }
  if (config.data.source == "shapes")
    return score_episodes(cpu, config, held_back_shapes(config), "held-back kinds", nets, report);
  throw Error("nothing to evaluate on", "command line", "name --runs all_runs.zip or --omniglot images_evaluation.zip");
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.program = "evaluate_fewshot",
                      .summary = "few-shot evaluation of a checkpoint on unseen classes",
                      .flags = {{"--checkpoint", "checkpoint.safetensors of a run", ""},
                                {"--runs", "Omniglot one-shot runs: all_runs.zip or its folder", ""},
                                {"--omniglot", "labelled drawings for episodes: images_evaluation.zip", ""},
                                {"--report", "where eval.json goes (default: beside the checkpoint)", ""},
                                {"--threads", "0: all cores", "0"}}},
                     evaluate);
}

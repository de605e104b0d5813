// Few-shot accuracy of a checkpoint's positive and negative path, beside the dense net and masks taken at random.
//   evaluate_paths --checkpoint runs/demo/latest --keep 0.9,0.5,0.25
//   evaluate_paths --checkpoint runs/demo/latest --unit channel --export small.safetensors     a smaller dense net
//   evaluate_paths --checkpoint … --cifar_fs cifar-100-binary --split test | --omniglot images_evaluation.zip
// Without --keep: the masks of a run that routed, unless other masks are asked for, and half of what there is
// otherwise.

// test: --checkpoint ../train_sseg_2/runs/demo/latest --report_dir . --keep 0.9,0.5 evaluation.episodes=20
// test: --checkpoint ../train_sseg_2/runs/demo/latest --unit channel --export small.safetensors evaluation.episodes=20
// test: --checkpoint ../train_sseg_3/runs/routed/latest --export small.safetensors evaluation.episodes=20
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/path_study.hpp>
#include <sseg/experiment/picture_features.hpp>
#include <sseg/experiment/run_inputs.hpp>
#include <sseg/train/compact_state.hpp>

#include "support/evaluation.hpp"

using namespace sseg;

namespace {

/// The flags do not ask for other masks than the run's own.
bool own_masks(const CommandLine& args, const TrainState<MainNet, float>& state) {
  if (!state.routing || args["--net"] != "student") return false;
  const auto same = [&](const char* flag, const std::string& value) {
    return args[flag].empty() || args[flag] == value;
  };
  const RouterConfig& c = state.routing->router.config();
  return same("--unit", c.unit) && same("--scope", c.scope) && same("--criterion", c.importance);
}
/// What --keep says: shares, or "own".
std::vector<std::string> shares(const CommandLine& args, const TrainState<MainNet, float>& state) {
  const std::string text = !args["--keep"].empty() ? args["--keep"] : own_masks(args, state) ? "own" : "0.5";
  std::vector<std::string> list(1);
  for (const char c : text)
    if (c == ',')
      list.emplace_back();
    else
      list.back() += c;
  return list;
}
PathStores stores_of(PathStudy<Cpu>& study, const std::string& share) {
  if (share == "own") return study.own();
  const auto keep = from_text_value<double>(share);
  if (!keep) throw Error("'" + share + "' is no share", "--keep", "give numbers such as 0.9,0.5, or own");
  return study.masked(*keep);
}

EvaluationImages images_of(const CommandLine& args, const RunConfig& config) {
  auto sets = named_images(args, config);
  for (auto& set : sets) set.images = framed(set.images, main_frame(config));
  if (sets.empty()) {
    auto [images, split] = held_back(args, config);
    return {framed(images, main_frame(config)), std::move(split)};
  }
  require(sets.size() == 1, "one set of labelled images is needed", "command line",
          "name either --omniglot images_evaluation.zip or --cifar_fs cifar-100-binary");
  return std::move(sets.front());
}

/// Those that the run trained on, and where the levels of a curriculum lie among them.
std::pair<AnyDataset, LevelRanges> training_images(const RunConfig& c) {
  RunInputs inputs = run_inputs(c, training_data(c));
  return {std::move(inputs.train), inputs.levels};
}

/// The positive path as a checkpoint of its own, loaded again and evaluated.
void export_path(Cpu& cpu, const RunToEvaluate& run, const PathStores& paths, const AnyDataset& training,
                 const std::filesystem::path& file, const EvaluationImages& on, const FewShotRow& about,
                 PathReport& report) {
  require(paths.masks.unit == "channel", "a path of single weights is no smaller net", "--export",
          "give --unit channel, so that whole channels go");
  const auto small = compact_state(run.checkpoint.state, paths.positive);
  const auto& m = small.model;
  save_checkpoint(file, small, run.checkpoint.image, run.checkpoint.config,
                  base_statistics(cpu, backbone(m.net), m.teacher, training, run.config));
  const auto saved = load_checkpoint<MainNet>(file).state;
  add_compact(cpu, report, run.checkpoint.state.model.net, paths.dense, saved.model.net, saved.model.teacher, on.images,
              about);
}

void print(const PathReport& report) {
  std::printf("\n%s\n", to_line(report.masks).c_str());
  for (const auto& row : report.results) std::printf("%s\n", to_line(row).c_str());
  for (const auto& row : report.differences) std::printf("%s\n", to_line(row).c_str());
  for (const auto& row : report.costs) std::printf("%s\n", to_line(row).c_str());
}

int evaluate(const CommandLine& args) {
  const RunToEvaluate run = open_run(args);
  const RunConfig& config = run.config;
  if (args.print_config) return std::printf("%s", to_yaml_with_help(config).c_str()), 0;
  const auto keeps = shares(args, run.checkpoint.state);
  require(args["--export"].empty() || keeps.size() == 1, "one path can be exported, not several", "--keep",
          "give one share");

  Cpu cpu(args.cpu());
  const EvaluationImages on = images_of(args, config);
  const auto [training, levels] = training_images(config);
  const FewShotRow about{.dataset = on.images.name,
                         .split = on.split,
                         .way = config.evaluation.way,
                         .query = config.evaluation.query,
                         .episodes = config.evaluation.episodes,
                         .seed = config.seed};
  PathStudy<Cpu> study(
      cpu, config, run.checkpoint.state, training,
      {.unit = args["--unit"], .scope = args["--scope"], .criterion = args["--criterion"], .net = args["--net"]},
      levels);
  std::vector<PathReport> reports;
  for (const std::string& keep : keeps) {
    const PathStores paths = stores_of(study, keep);
    reports.push_back(path_report(cpu, backbone(run.checkpoint.state.model.net), paths, on.images, about));
    if (!args["--export"].empty()) export_path(cpu, run, paths, training, args["--export"], on, about, reports.back());
    print(reports.back());
  }
  write_paths(run.report_folder(args) / "eval_paths.json", reports);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(
      argc, argv,
      {.program = "evaluate_paths",
       .summary = "few-shot accuracy of the paths of a checkpoint, and the positive one as a net of its own",
       .flags = {{"--checkpoint", "checkpoint.safetensors of a run, or its folder", ""},
                 {"--keep", "shares to keep, 0.9,0.5, or own: the run's masks", ""},
                 {"--unit", "weight or channel (default: the run's)", ""},
                 {"--scope", "global or layer (default: the run's)", ""},
                 {"--criterion", "gradient, taylor, taylor_gate, magnitude, snip or random (default: the run's)", ""},
                 {"--net", "whose weights: student or teacher", "student"},
                 {"--export", "file for the positive path as a smaller net, with --unit channel", ""},
                 {"--omniglot", "labelled drawings for episodes: images_evaluation.zip", ""},
                 {"--cifar_fs", "CIFAR-FS in any of its forms, for episodes", ""},
                 {"--evaluate", "other labelled pictures, as training was on", ""},
                 {"--split", "of CIFAR-FS and mini-ImageNet: train, validation or test", "validation"},
                 {"--report_dir", "where eval_paths.json goes (default: beside the checkpoint)", ""},
                 {"--threads", "0: all cores", "0"},
                 lanes_flag,
                 winograd_flag}},
      evaluate);
}

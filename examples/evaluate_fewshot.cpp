// Evaluates a checkpoint on classes it has never seen, beside the same net untrained.
//   evaluate_fewshot --checkpoint runs/omniglot/latest/checkpoint.safetensors --runs one_shot_runs.zip
//   evaluate_fewshot --checkpoint … --omniglot images_evaluation.zip     within-alphabet episodes
//   evaluate_fewshot --checkpoint … --cifar_fs cifar-100-binary --split test     CIFAR-FS
//   evaluate_fewshot --checkpoint … --against OTHER …     and the paired difference to another checkpoint
//   evaluate_fewshot --checkpoint … evaluation.protocols=prototypes,linear_probe,fine_tune evaluation.shots=1,5,10
//   evaluate_fewshot --checkpoint … --omniglot images_evaluation.zip evaluation.groups=mixed     any alphabets
//   evaluate_fewshot --checkpoint runs/demo/latest/checkpoint.safetensors     held-back kinds of shape
//   mpirun -np 4 evaluate_fewshot --checkpoint … evaluation.protocols=fine_tune     episodes spread over ranks

// test: --checkpoint ../train_sseg_2/runs/demo/latest --report_dir . evaluation.episodes=20
// test: --checkpoint ../train_sseg_2/runs/demo/latest --against ../train_sseg_5/runs/demo/latest
// test: --checkpoint ../train_sseg_6/runs/curriculum/latest evaluation.episodes=20 evaluation.copies=2
// test: --checkpoint ../train_sseg_1/runs/omniglot/latest --runs ${data}/omniglot/one_shot_runs_01_10.zip
// clang-format off
// test: --checkpoint ../train_sseg_1/runs/omniglot/latest --runs ${data}/omniglot/one_shot_runs_01_10.zip data.path=no.zip
// test: --checkpoint ../train_sseg_2/runs/demo/latest --against ../train_sseg_5/runs/demo/latest --report_dir . --threads 2 evaluation.episodes=10 evaluation.shots=2 evaluation.query=4 evaluation.protocols=prototypes,matching,linear_probe,cosine_classifier,knn,transductive,fine_tune
// test: --checkpoint ../train_sseg_6/runs/curriculum/latest --report_dir . evaluation.episodes=20 evaluation.groups=mixed
// clang-format on
#include <sseg/backend/cpu.hpp>
#include <sseg/data/omniglot_runs.hpp>
#include <sseg/dist/across.hpp>
#include <sseg/experiment/few_shot_comparison.hpp>
#include <sseg/experiment/net_protocols.hpp>
#include <sseg/experiment/omniglot_report.hpp>

#include "support/evaluation.hpp"
#include "support/ranks.hpp"

using namespace sseg;

namespace {

struct Contestant {
  const char* name;
  TrainState<MainNet, float> state;
  BaseStatistics base;  // of the training images
};

template <class C>
struct Job {
  Cpu& cpu;
  C& ranks;
  const RunConfig& config;
  const std::vector<Contestant>& nets;
  std::filesystem::path folder;  // where the reports go, of the first rank
  bool first() const { return ranks.rank() == 0; }
};

template <class C>
void score_runs(const Job<C>& job, const std::string& path) {
  if (!job.first()) return;  // a moment's work: not shared
  const RunConfig& c = job.config;
  const auto runs = load_omniglot_runs(path, omniglot_options(c.data, c.data.oversample));
  std::vector<OmniglotRow> rows;
  for (const auto& [name, state, base] : job.nets)
    for (OmniglotRow& row : omniglot_rows(job.cpu, backbone(state.model.net), state.model.teacher, runs, c, base)) {
      row.net = name;
      std::printf("%s\n", to_line(row).c_str());
      rows.push_back(std::move(row));
    }
  write_omniglot(job.folder / "eval_runs.json", rows);
}

template <class C>
void score_episodes(const Job<C>& job, const Images& images, const std::string& split) {
  const RunConfig& c = job.config;
  std::vector<FewShotRow> rows;
  std::vector<std::vector<FewShotAccuracies>> accuracies;
  Across across(job.cpu, job.ranks);
  const AllRanks all(across);
  for (const auto& [name, state, base] : job.nets) {
    const NetProtocols<Cpu> protocols(job.cpu, backbone(state.model.net), state.model.teacher, images, c, base);
    accuracies.push_back(few_shot_accuracies(job.cpu.threads(), protocols, images,
                                             row_about(c.evaluation, c.seed, name, images.name, split), all));
    for (const FewShotAccuracies& one : accuracies.back()) {
      rows.push_back(to_row(one));
      if (job.first()) std::printf("%s\n", to_line(rows.back()).c_str());
    }
  }
  if (!job.first()) return;
  std::vector<FewShotComparison> comparisons;
  if (job.nets.size() > 2) comparisons = compare_few_shot(accuracies[1], accuracies[2]);
  for (const FewShotComparison& one : comparisons) std::printf("%s\n", to_line(one).c_str());
  write_few_shot(job.folder / "eval.json", rows, comparisons);
}

/// The seed net. What it makes of the training images is known where these can still be read; the evaluation does not
/// need them.
Contestant untrained(Cpu& cpu, const RunConfig& config, const Shape& image) {
  Contestant net{"untrained", untrained_state(config, image), {}};
  const auto& m = net.state.model;
  try {
    net.base =
        base_statistics(cpu, backbone(m.net), m.teacher, run_inputs(config, training_data(config)).train, config);
  } catch (const Error& error) {
    std::printf(
        "the training images cannot be read: no cl2n and whitened rows for the untrained net (data.path=… names "
        "them)\n%s\n",
        error.what());
  }
  return net;
}

template <class C>
int evaluate(const CommandLine& args, C& ranks) {
  RunToEvaluate run = open_run(args);
  const RunConfig& config = run.config;
  if (args.print_config) return std::printf("%s", to_yaml_with_help(config).c_str()), 0;

  Cpu cpu(args.cpu());
  std::vector<Contestant> nets;
  nets.push_back(untrained(cpu, config, run.checkpoint.image));
  nets.push_back({"trained", std::move(run.checkpoint.state), std::move(run.checkpoint.base)});
  if (!args["--against"].empty()) {
    auto other = load_checkpoint<MainNet>(checkpoint_at(args["--against"]));
    require(other.image == run.checkpoint.image, "the two nets read other images", "--against",
            "name a run on images of the same size");
    nets.push_back({"against", std::move(other.state), std::move(other.base)});
  }
  const Job<C> job{cpu, ranks, config, nets, run.report_folder(args)};

  if (!args["--runs"].empty()) score_runs(job, args["--runs"]);
  for (const auto& [images, split] : named_images(args, config)) score_episodes(job, images, split);
  if (args["--runs"].empty() && args["--omniglot"].empty() && args["--cifar_fs"].empty()) {
    const auto [images, split] = held_back(args, config);
    score_episodes(job, images, split);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(
      argc, argv,
      {.program = "evaluate_fewshot",
       .summary = "few-shot evaluation of a checkpoint on unseen classes",
       .flags = {{"--checkpoint", "checkpoint.safetensors of a run, or its folder", ""},
                 {"--against", "another checkpoint, for paired differences in episodes", ""},
                 {"--runs", "Omniglot one-shot runs: the zip or its folder", ""},
                 {"--omniglot", "labelled drawings for episodes: images_evaluation.zip", ""},
                 {"--cifar_fs", "CIFAR-FS in any of its forms, for episodes", ""},
                 {"--evaluate", "other labelled pictures, as training was on", ""},
                 {"--split", "of CIFAR-FS and mini-ImageNet: train, validation or test", "validation"},
                 {"--report_dir", "where eval.json goes (default: beside the checkpoint)", ""},
                 {"--threads", "0: all cores", "0"},
                 lanes_flag,
                 winograd_flag}},
      [](const CommandLine& args) { return on_ranks([&](auto& ranks) { return evaluate(args, ranks); }); });
}

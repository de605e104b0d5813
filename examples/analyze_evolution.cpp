// How a run's net evolved, and whether that helped: prints its history, and writes report.html (everything the run
// folder holds, on one page that needs no network) and its plots as SVG.
//   analyze_evolution --output_dir runs/demo/latest
//   analyze_evolution --output_dir runs/omniglot/latest --evaluate images_background.zip     with labelled pictures
//   analyze_evolution --output_dir runs/demo/latest --map tsne             a map of features by t-SNE beside PCA's
// Train with train_sseg, evaluate with evaluate_fewshot, compare a mutation with none by fork_growth; then look here.
// test after evaluate_fewshot_2 fork_growth_1: --output_dir ../train_sseg_2/runs/demo/latest
// test after evaluate_fewshot_3: --output_dir ../train_sseg_6/runs/curriculum/latest --threads 2 --map tsne
// fails: --output_dir no_such_run
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/look_at_run.hpp>
#include <sseg/experiment/read_run_results.hpp>
#include <sseg/experiment/run_report.hpp>
#include <sseg/report/table_markdown.hpp>

#include "support/evaluation.hpp"

using namespace sseg;

namespace {

void print_history(const RunResults& run) {
  if (run.history.empty()) return void(std::printf("The net did not change while it trained.\n"));
  for (const Table& t : mutation_tables({run})) std::printf("%s\n", to_markdown(t).c_str());
}

/// A fork is proof within its interval; the probe before and after is none.
void print_help_of_mutations(const RunResults& run) {
  for (const Table& t : mutation_gains(run)) std::printf("%s\n", to_markdown(t).c_str());
  if (!run.fork) return;
  const ForkReport& f = *run.fork;
  std::printf("With and without %s %s, from step %td on, over the same batches:\n", f.mutation.kind.c_str(),
              f.mutation.place.c_str(), f.step);
  for (const ForkRow& r : f.rows) std::printf("%s\n", to_lines(r).c_str());
}

int analyze(const CommandLine& args) {
  require(!args["--output_dir"].empty(), "no run is named", "--output_dir",
          "name a run's folder, for example runs/demo/latest");
  require(args["--map"] == "pca" || args["--map"] == "tsne", "no such map of features", "--map",
          "give pca, or tsne to have both");
  const std::filesystem::path folder = args["--output_dir"];
  const RunResults results = read_run_so_far(folder);
  print_history(results);
  print_help_of_mutations(results);

  CommandLine of_run = args;
  of_run.flags.push_back({"--checkpoint", "", folder.string()});
  const RunToEvaluate run = open_run(of_run);
  Cpu cpu(args.cpu());
  const RunLook look = look_at_run(
      cpu, run.checkpoint.state, run.config, [&] { return training_data(run.config); },
      [&] { return held_back(args, run.config); }, args["--map"] == "tsne");
  for (const std::string& sentence : look.missing) std::printf("%s\n", sentence.c_str());
  std::printf("%s\n", write_run_report(folder, results, look).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.program = "analyze_evolution",
                      .summary = "how a run's net evolved: a table, plots and report.html in its folder",
                      .flags = {{"--output_dir", "the folder of a run, as train_sseg printed it", ""},
                                {"--evaluate", "labelled pictures of classes that were not trained on", ""},
                                {"--split", "of CIFAR-FS and mini-ImageNet: train, validation or test", "validation"},
                                {"--map", "of features: pca, or tsne beside it", "pca"},
                                {"--threads", "0: all cores", "0"},
                                lanes_flag,
                                winograd_flag}},
                     analyze);
}

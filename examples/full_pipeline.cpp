// From pictures to a table in one command: the stages that a pipeline file switches on, one after the other.
//   full_pipeline examples/configs/full_pipeline.json             all six on a small setting, some minutes on two cores
//   full_pipeline PIPELINE.json --only evaluate                   one stage
//   full_pipeline PIPELINE.json --jobs 2                          two cells of the ablation at a time, each a process
//   full_pipeline PIPELINE.json --fresh yes                       everything anew
//   full_pipeline PIPELINE.json train.steps=2000                  with other settings; stages they do not touch are
//   kept
// What is finished is not done again; the same command goes on after Ctrl-C or a failure.

// clang-format off
// test: ${examples}/configs/full_pipeline.json data.count=60 data.image_size=16 data.probe_images=16 train.steps=6 train.batch=8 train.probe_every=3 evaluation.episodes=10 evaluation.copies=0
// test: ${examples}/configs/full_pipeline.json --only ablation --jobs 2 --threads 1 data.count=60 data.image_size=16 data.probe_images=16 train.steps=6 train.batch=8 train.probe_every=3 evaluation.episodes=10 evaluation.copies=0
// fails: no_such_pipeline.json
// fails: ${examples}/configs/full_pipeline.json --cell no_such/1
// fails: ${examples}/configs/exp_full_pipeline.yaml
// clang-format on
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/pipeline_stages.hpp>

#include <string>
#include <vector>

#include "support/cell_command.hpp"
#include "support/command_line.hpp"
#include "support/stop_on_interrupt.hpp"

using namespace sseg;

namespace {

/// The same command again, as one would type it.
std::string command_text(const CommandLine& args) {
  ProcessCommand command{{args.words.front()}};
  command.words.insert(command.words.end(), args.overrides.begin(), args.overrides.end());
  for (const char* flag :
       {"--only", "--output_dir", "--jobs", "--threads", "--lanes", "--winograd"})  // not --fresh: it goes on
    if (!args[flag].empty()) command.words.insert(command.words.end(), {flag, args[flag]});
  return command.text();
}

int run_cell(const CommandLine& args, Cpu& cpu, const ExperimentPipeline& p) {
  require(p.ablation.has_value(), "the pipeline has no ablation", "--cell", "switch ablation on in \"stages\"");
  return run_cell_named(cpu, *p.ablation, p.ablation_folder(), args["--cell"], stop_on_interrupt()) ? 0 : 130;
}

int run(const CommandLine& args) {
  std::vector<std::string> settings = args.overrides;
  require(!settings.empty() && settings.front().find('=') == std::string::npos, "no pipeline is named", "command line",
          "name a file as the first word, for example examples/configs/full_pipeline.json");
  settings.erase(settings.begin());
  require(args["--fresh"] == "yes" || args["--fresh"] == "no", "neither yes nor no", "--fresh", "give yes or no");
  ExperimentPipeline pipeline = load_pipeline(args.overrides.front(), settings);
  if (!args["--output_dir"].empty()) pipeline.settings.output_dir = args["--output_dir"];
  if (!args["--jobs"].empty()) pipeline.settings.jobs = args.number<int>("--jobs", 1, 1024, "give 1 or more processes");
  if (args.print_config) return std::printf("%s", to_yaml_with_help(pipeline.config).c_str()), 0;

  Cpu cpu(args.cpu());
  if (!args["--cell"].empty()) return run_cell(args, cpu, pipeline);
  const auto command = [&](const AblationCell& cell) {
    return cell_command(args, {"--output_dir", "--threads", "--lanes", "--winograd"}, cell);
  };
  const PipelineEnding ending =
      run_pipeline(cpu, pipeline, pipeline_stages<Cpu>(command), {args["--only"], args["--fresh"] == "yes"},
                   stop_on_interrupt(), command_text(args));
  std::printf("%s\n", pipeline.settings.output_dir.c_str());
  return ending == PipelineEnding::finished ? 0 : ending == PipelineEnding::failed ? 1 : 130;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.program = "full_pipeline",
                      .summary = "generate, train, evaluate, ablate, analyze and export, as a file says",
                      .flags = {{"--only", "run this stage alone", ""},
                                {"--fresh", "yes: do again what is finished", "no"},
                                {"--output_dir", "where everything goes, if not where the file says", ""},
                                {"--jobs", "cells of the ablation that run at a time, if not as the file says", ""},
                                {"--cell", "run only this cell of the ablation: VARIANT/SEED", ""},
                                {"--threads", "of this program and of each cell; 0: all cores", "0"},
                                lanes_flag,
                                winograd_flag},
                      .operands = "PIPELINE.json [SETTING=VALUE ...]"},
                     run);
}

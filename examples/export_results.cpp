// Makes tables of what runs have left behind: few-shot results, paired differences, Omniglot runs, mutations, forks,
// and the mean over seeds of runs that differ in nothing else. As LaTeX, Markdown, CSV and JSON.
//   export_results runs/demo/latest                                       into runs/demo/latest/tables
//   export_results --format latex csv --output_dir paper runs/demo/*_*    of several runs, one with the other

// clang-format off
// test after evaluate_fewshot_2 fork_growth_1: ../train_sseg_2/runs/demo/latest
// test after evaluate_fewshot_2 evaluate_fewshot_3: --output_dir tables --format latex markdown csv json -- ../train_sseg_2/runs/demo/latest ../train_sseg_6/runs/curriculum/latest
// fails: ../generate_curriculum_1/pictures
// fails: ../train_sseg_4/runs/trials/latest
// fails after evaluate_fewshot_2: --output_dir /proc/tables ../train_sseg_2/runs/demo/latest
// fails: --format html --output_dir tables ../train_sseg_2/runs/demo/latest
// clang-format on
#include <sseg/experiment/read_run_results.hpp>
#include <sseg/experiment/result_tables.hpp>
#include <sseg/report/table_files.hpp>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "support/command_line.hpp"

using namespace sseg;

namespace {

std::filesystem::path output_folder(const CommandLine& args) {
  if (!args["--output_dir"].empty()) return args["--output_dir"];
  require(args.overrides.size() == 1, "tables of several runs have no place of their own", "--output_dir",
          "name a folder for them");
  return std::filesystem::path(args.overrides.front()) / "tables";
}

int export_results(const CommandLine& args) {
  require(!args.overrides.empty(), "no run is named", "command line",
          "name run folders; behind --format write -- first");
  std::vector<TableFormat> formats;
  for (const std::string& name : args.values("--format"))
    formats.push_back(table_format_named(name, "--format (its list ends at the next flag or --)"));
  const auto folder = output_folder(args);
  const auto tables = result_tables(read_runs({args.overrides.begin(), args.overrides.end()}));
  for (const auto& file : write_tables(folder, tables, formats)) std::printf("%s\n", file.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.program = "export_results",
                      .summary = "tables of what runs have left behind",
                      .flags = {{.name = "--format",
                                 .help = "what is written, one or more; ends at the next flag or --",
                                 .several = true,
                                 .values = {table_format_names.begin(), table_format_names.end()}},
                                {"--output_dir", "where tables go (default: RUN_FOLDER/tables)", ""}},
                      .operands = "[--] RUN_FOLDER ..."},
                     export_results);
}

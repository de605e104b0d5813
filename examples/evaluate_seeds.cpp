// Runs that differ in the seed alone: every number that evaluate_fewshot wrote, a row a seed, and their mean with its
// 95 % interval by Student's t.
//   evaluate_seeds runs/a/eval.json runs/b/eval.json runs/c/eval.json
// export_results makes the same tables of whole run folders, and finds out by itself which of them belong together.

// test: ../evaluate_fewshot_1/eval.json
// fails: ../evaluate_fewshot_1/eval.json ../evaluate_fewshot_1/eval.json
#include <sseg/experiment/read_run_results.hpp>
#include <sseg/experiment/seed_tables.hpp>
#include <sseg/report/table_plain.hpp>

#include "support/command_line.hpp"

using namespace sseg;

int seeds(const CommandLine& args) {
  require(!args.overrides.empty(), "no results are named", "command line", "name the eval.json of two or more runs");
  std::string between;
  for (const Table& table : seed_tables(read_evaluations({args.overrides.begin(), args.overrides.end()}), 1))
    std::printf("%s%s", std::exchange(between, "\n").c_str(), to_plain_text(table).c_str());
  return 0;
}

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.program = "evaluate_seeds",
                      .summary = "few-shot accuracy over runs that differ in the seed alone",
                      .flags = {},
                      .operands = "EVAL.JSON ..."},
                     seeds);
}

// Runs that differ in the seed alone: the mean over seeds of every number that evaluate_fewshot wrote, with its 95 %
// interval by Student's t, and the number of each seed.
//   evaluate_seeds runs/a/eval.json runs/b/eval.json runs/c/eval.json

// test: ../evaluate_fewshot_1/eval.json
#include <sseg/experiment/seed_table.hpp>

#include "support/command_line.hpp"

using namespace sseg;

int seeds(const CommandLine& args) {
  require(!args.overrides.empty(), "no results are named", "command line", "name the eval.json of two or more runs");
  std::vector<FewShotRow> rows;
  for (const std::string& file : args.overrides)
    for (FewShotRow& row : read_few_shot(file)) rows.push_back(std::move(row));
  for (const SeedRow& row : seed_table(rows)) std::printf("%s\n", to_line(row).c_str());
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

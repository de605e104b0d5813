#include "../../../examples/support/command_line.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

namespace command_line_test {

namespace {

CommandLine program() {
  return {.program = "program",
          .summary = "does things",
          .flags = {{"--threads", "how many", "2"},
                    {.name = "--format", .help = "what", .several = true, .values = {"latex", "csv"}}}};
}

/// Runs the program with these words. `line` is what its body saw.
int run(const std::vector<std::string>& words, CommandLine& line) {
  std::vector<std::string> all{"program"};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  return run_program(static_cast<int>(argv.size()), argv.data(), program(), [&](const CommandLine& c) {
    line = c;
    return 7;
  });
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a flag takes the word behind it, or what follows its equals sign") {
  CommandLine c;
  CHECK(run({}, c) == 7);
  CHECK(c["--threads"] == "2");
  CHECK(run({"--threads", "3", "seed=1"}, c) == 7);
  CHECK((c["--threads"] == "3" && c.overrides == Words{"seed=1"}));
  CHECK(c.words == Words{"program", "--threads", "3", "seed=1"});
  CHECK(run({"--threads=a=b"}, c) == 7);
  CHECK(c["--threads"] == "a=b");
  CHECK(run({"--threads", "--format"}, c) == 7);  // a value may look like a flag
  CHECK(c["--threads"] == "--format");
}

TEST_CASE("a flag with several values takes the words up to the next flag or the end of flags") {
  CommandLine c;
  CHECK(run({"x"}, c) == 7);
  CHECK((c.values("--format") == Words{"latex", "csv"} && c.overrides == Words{"x"}));
  CHECK(run({"--format", "json", "csv", "--threads", "4", "x", "y"}, c) == 7);
  CHECK((c.values("--format") == Words{"json", "csv"} && c.overrides == Words{"x", "y"} && c["--threads"] == "4"));
  CHECK(run({"--format", "json", "--", "x", "--y", "--"}, c) == 7);
  CHECK((c.values("--format") == Words{"json"} && c.overrides == Words{"x", "--y", "--"}));
  CHECK(run({"--format=json", "csv"}, c) == 7);
  CHECK(c.values("--format") == Words{"json", "csv"});
}

TEST_CASE("a wrong command line ends with 2 before the program starts, an error of the program with 1") {
  CommandLine c;
  CHECK(run({"--thread", "2"}, c) == 2);
  CHECK(run({"--threads"}, c) == 2);
  CHECK(run({"--format", "--threads", "2"}, c) == 2);
  CHECK(run({"--format", "--"}, c) == 2);
  CHECK(c.words.empty());
  CHECK(run({"--threads", "2", "--help"}, c) == 0);
  CHECK(c.words.empty());
  char name[] = "program";
  char* argv[] = {name};
  CHECK(run_program(1, argv, program(),
                    [](const CommandLine& line) { return line.values("--none").empty() ? 0 : 0; }) == 1);
}

}  // namespace command_line_test

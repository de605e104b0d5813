#include "sseg/experiment/run_processes.hpp"

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "unit/io/temp_folder.hpp"

using sseg::ProcessCommand;
using sseg::ProcessEnd;

TEST_CASE("programs run side by side, and each end is told with its exit code") {
  const sseg_test::TempFolder folder;
  std::vector<ProcessCommand> commands{{{"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}, folder / "0"},
                                       {{"/bin/sh", "-c", "kill -9 $$"}, folder / "1"},
                                       {{"/no/such/program"}, folder / "2"},
                                       {{"/bin/true"}, folder.path() / "no" / "folder"},
                                       {{"/bin/true"}, folder / "4"}};
  std::map<std::size_t, int> codes;
  sseg::run_processes(commands, 2, {false}, [&](const ProcessEnd& e) { codes[e.index] = e.code; });
  CHECK(codes == std::map<std::size_t, int>{{0, 3}, {1, 137}, {2, 127}, {3, 127}, {4, 0}});
  CHECK(sseg::read_file(folder / "0") == "out\nerr\n");
}

TEST_CASE("what is interrupted is told once, waited for, and nothing more is started") {
  const sseg_test::TempFolder folder;
  const std::string patient = "trap 'echo told; exit 130' INT; echo on; while :; do sleep 0.01; done";
  const std::vector<ProcessCommand> commands{{{"/bin/sh", "-c", patient}, folder / "0"}, {{"/bin/true"}, folder / "1"}};
  std::atomic<bool> stop{false};
  std::map<std::size_t, int> codes;
  std::thread interrupt([&] {
    while (!std::filesystem::exists(folder / "0") || sseg::read_file(folder / "0").empty()) std::this_thread::yield();
    stop = true;
  });
  sseg::run_processes(commands, 1, stop, [&](const ProcessEnd& e) { codes[e.index] = e.code; });
  interrupt.join();
  CHECK(codes == std::map<std::size_t, int>{{0, 130}});
  CHECK(sseg::read_file(folder / "0") == "on\ntold\n");
}

TEST_CASE("a command is shown as one would type it") {
  CHECK(ProcessCommand{{"a/b", "--x=1", "two words", "it's", ""}, {}}.text() == "a/b --x=1 'two words' 'it'\\''s' ''");
}

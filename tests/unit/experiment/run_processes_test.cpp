#include "sseg/experiment/run_processes.hpp"

#include <poll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "unit/io/temp_folder.hpp"

namespace run_processes_test {

using sseg::ProcessCommand;
using sseg::ProcessEnd;

namespace {

/// SIGINT is not ignored while this lives, as it is where tests run in the background of a script: a shell that begins
/// so cannot hear it.
class HeardInterrupt {
 public:
  HeardInterrupt() : before_(std::signal(SIGINT, SIG_DFL)) {}
  HeardInterrupt(const HeardInterrupt&) = delete;
  HeardInterrupt& operator=(const HeardInterrupt&) = delete;
  ~HeardInterrupt() { std::signal(SIGINT, before_); }

 private:
  void (*before_)(int);
};

#ifdef __linux__
/// What a program has written to its log, once that is a line or more; "" when it does not come within five seconds.
std::string first_lines(const std::filesystem::path& log) {
  for (int look = 0; look < 500; ++look) {
    std::string text = std::filesystem::exists(log) ? sseg::read_file(log) : "";
    if (text.ends_with('\n')) return text;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return "";
}

/// True when everybody who holds the other end of a pipe is gone within five seconds.
bool all_gone(int pipe_end) {
  pollfd wait{pipe_end, POLLIN, 0};
  return ::poll(&wait, 1, 5000) == 1 && (wait.revents & POLLHUP) != 0;
}
#endif

}  // namespace

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
  const HeardInterrupt heard;
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

#ifdef __linux__
TEST_CASE("a program gets the signal to save and end when the one that started it is killed") {
  const HeardInterrupt heard;
  const sseg_test::TempFolder folder;
  const std::string patient = "trap 'echo told; exit 130' INT; echo $$; while :; do sleep 0.01; done";
  const std::vector<ProcessCommand> commands{{{"/bin/sh", "-c", patient}, folder / "log"}};
  std::array<int, 2> ends{};  // programs inherit the end to write to: it is open as long as one of them runs
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t starter = ::fork();
  REQUIRE(starter >= 0);
  if (starter == 0) {
    sseg::run_processes(commands, 1, {false}, [](const ProcessEnd&) {});
    ::_exit(0);
  }
  ::close(ends[1]);
  const std::string started = first_lines(folder / "log");
  CHECK_FALSE(started.empty());
  ::kill(starter, SIGKILL);
  ::waitpid(starter, nullptr, 0);
  const bool gone = all_gone(ends[0]);
  CHECK(gone);
  CHECK(sseg::read_file(folder / "log") == started + "told\n");
  if (!gone && !started.empty()) ::kill(std::stoi(started), SIGKILL);
  ::close(ends[0]);
}
#endif

TEST_CASE("a command is shown as one would type it") {
  CHECK(ProcessCommand{{"a/b", "--x=1", "two words", "it's", ""}, {}}.text() == "a/b --x=1 'two words' 'it'\\''s' ''");
}

}  // namespace run_processes_test

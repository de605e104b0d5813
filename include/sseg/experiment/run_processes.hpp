#pragma once
#include <fcntl.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sseg/io/posix_file.hpp"

namespace sseg {

/// A program to run: its words, the first one its path, and the file that its output goes to.
struct ProcessCommand {
  std::vector<std::string> words{};
  std::filesystem::path log{};

  /// As one would type it.
  std::string text() const {
    std::string all;
    for (const std::string& w : words) {
      const bool plain = !w.empty() && w.find_first_not_of(
                                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                           "_-+=./:,@%") == w.npos;
      std::string quoted = "'";
      for (const char c : w) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
      all += (all.empty() ? "" : " ") + (plain ? w : quoted + "'");
    }
    return all;
  }
};

/// How a program ended: its exit code, 128 + the signal that ended it, or 127 when it could not be started.
struct ProcessEnd {
  std::size_t index = 0;  ///< of the command
  int code = 0;
};

namespace detail {

/// Starts a program in a process group of its own, so that Ctrl-C at the terminal reaches it only by us. -1: failed.
inline pid_t start_process(const ProcessCommand& command) {
  std::vector<char*> words;  // made before the fork: the child of a program with threads may not allocate
  for (const std::string& w : command.words) words.push_back(const_cast<char*>(w.c_str()));
  words.push_back(nullptr);
  const PosixFile log(::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!log) return -1;
  [[maybe_unused]] const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::setpgid(0, 0);
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGINT);  // whoever started it is gone: it saves and ends, or ends if it was told before
  if (::getppid() != parent) ::_exit(130);
#endif
  ::dup2(log.get(), 1);
  ::dup2(log.get(), 2);
  ::execv(words[0], words.data());
  ::_exit(127);
}

inline int exit_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace detail

/// Runs programs, at most `jobs` at a time, and calls `ended(ProcessEnd)` as each ends. When `stop` becomes true no
/// more are started, and those that run get SIGINT and are waited for. Requires: jobs >= 1.
template <class Ended>
void run_processes(const std::vector<ProcessCommand>& commands, int jobs, const std::atomic<bool>& stop,
                   Ended&& ended) {
  std::vector<std::pair<pid_t, std::size_t>> running;
  bool told = false;
  for (std::size_t next = 0;;) {
    while (!stop && next < commands.size() && running.size() < static_cast<std::size_t>(jobs)) {
      const pid_t pid = detail::start_process(commands[next]);
      if (pid < 0)
        ended(ProcessEnd{next, 127});
      else
        running.emplace_back(pid, next);
      ++next;
    }
    if (running.empty() && (stop || next == commands.size())) return;
    if (stop && !std::exchange(told, true))
      for (const auto& [pid, index] : running) ::kill(pid, SIGINT);
    for (std::size_t i = 0; i < running.size();) {
      int status = 0;
      const pid_t done = ::waitpid(running[i].first, &status, WNOHANG);
      if (done == 0 || (done < 0 && errno == EINTR)) {
        ++i;
        continue;
      }
      const std::size_t index = running[i].second;
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      ended(ProcessEnd{index, done < 0 ? 127 : detail::exit_code(status)});
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace sseg

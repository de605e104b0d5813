#pragma once
#include <atomic>
#include <csignal>

/// Becomes true at the first Ctrl-C (or SIGTERM); a second one ends the program at once.
inline std::atomic<bool>& stop_on_interrupt() {
  static std::atomic<bool> stop{false};
  static_assert(std::atomic<bool>::is_always_lock_free);
  const auto handler = [](int signal) {
    if (stop.exchange(true)) {
      std::signal(signal, SIG_DFL);
      std::raise(signal);
    }
  };
  std::signal(SIGINT, handler);
  std::signal(SIGTERM, handler);
  return stop;
}

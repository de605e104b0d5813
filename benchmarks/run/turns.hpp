#pragma once
#include <ctime>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

/// How the programs here serve benchmarks/peers, which runs them by turns with programs of others.
namespace bench {

/// A field of /proc/self/status in MB ("VmRSS:", "VmHWM:"); 0 where there is none.
inline double process_memory(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kilobytes = 0; word == field && status >> kilobytes) return kilobytes / 1024;
  return 0;
}

/// Forgets earlier peaks, and returns the memory held now, in MB: what is counted from comes after it.
inline double begin_memory() {
  std::ofstream("/proc/self/clear_refs") << 5;
  return process_memory("VmRSS:");
}

/// Seconds of a clock that suits a program of so many threads: the CPU's for one, which neighbours on the machine do
/// not stop, and the wall's for several.
inline double clock_seconds(int threads) {
  timespec t{};
  clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// A program's one measured thing: a call of `once` works on `images` with `threads`; `before`: MB held without it.
template <class Once>
struct Work {
  Once& once;
  double images;
  int threads;
  double before;

  /// Calls `once` for `seconds`, and at least twice. Prints "<number> images/s, <number> MB": by the median of the
  /// calls' times, and the peak of memory.
  void take_turn(double seconds) const {
    std::vector<double> times;
    for (const double start = clock_seconds(0); times.size() < 2 || clock_seconds(0) - start < seconds;) {
      const double begin = clock_seconds(threads);
      once();
      times.push_back(clock_seconds(threads) - begin);
    }
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    std::printf("%.6g images/s, %.1f MB\n", images / *middle, process_memory("VmHWM:") - before);
    std::fflush(stdout);
  }
};

/// The end of a program that measures one thing. `how` is the seconds of the one turn that it takes, or "turns": it
/// then says "ready", and takes a turn for every number of seconds that it reads; "wall": the same, timed by the wall's
/// clock even with one thread. Returns the exit status.
template <class Once>
int take_turns(Work<Once> work, const std::string& how) {
  for (int warm_up = 0; warm_up < 3; ++warm_up) work.once();
  if (how != "turns" && how != "wall") return work.take_turn(std::atof(how.c_str())), 0;
  if (how == "wall") work.threads = 0;
  std::puts("ready");
  std::fflush(stdout);
  for (double seconds = 0; std::cin >> seconds;) work.take_turn(seconds);
  return 0;
}

}  // namespace bench

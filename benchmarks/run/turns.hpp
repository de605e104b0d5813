#pragma once
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
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

/// Calls `once` for `seconds`, and at least twice. Prints "<number> images/s, <number> MB": `images` a call at the
/// median of the calls' times, and the peak of memory beyond `before`.
template <class Once>
void take_turn(Once&& once, double images, double before, double seconds) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  const auto since = [](Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); };
  for (const auto start = Clock::now(); times.size() < 2 || since(start) < seconds;) {
    const auto begin = Clock::now();
    once();
    times.push_back(since(begin));
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  std::printf("%.6g images/s, %.1f MB\n", images / *middle, process_memory("VmHWM:") - before);
  std::fflush(stdout);
}

/// The end of a program that measures one thing. `how` is the seconds of the one turn that it takes, or "turns": it
/// then says "ready", and takes a turn for every number of seconds that it reads. Returns the exit status.
template <class Once>
int take_turns(Once&& once, double images, double before, const char* how) {
  for (int warm_up = 0; warm_up < 3; ++warm_up) once();
  if (std::strcmp(how, "turns") != 0) return take_turn(once, images, before, std::atof(how)), 0;
  std::puts("ready");
  std::fflush(stdout);
  for (double seconds = 0; std::cin >> seconds;) take_turn(once, images, before, seconds);
  return 0;
}

}  // namespace bench

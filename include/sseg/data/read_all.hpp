#pragma once
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "sseg/concepts/dataset.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/data/batch_loader.hpp"

namespace sseg {

/// What came of reading a whole data set.
struct ReadReport {
  std::vector<Index> label;           ///< of each picture that could be read, in no order
  std::vector<std::string> failures;  ///< what the `Error` of each other one says
  double seconds = 0;                 ///< by the clock

  Index pictures() const { return static_cast<Index>(label.size()); }
  double per_second() const { return seconds > 0 ? static_cast<double>(pictures()) / seconds : 0; }
};

/// Reads every picture once, ahead on `workers` threads, each for itself: one that throws an `Error` is counted and
/// named, and the others go on. In an order that is shuffled, as in training. Throws `Error` for an empty data set, or
/// when the threads cannot be started.
template <Dataset D>
ReadReport read_all(const D& data, int workers) {
  const auto start = std::chrono::steady_clock::now();
  ReadReport report;
  BatchLoader loader(data, {.batch = 1, .workers = workers, .ahead = 4 * std::max(workers, 1)}, Rng(1));
  for (Index step = 0; step < data.size(); ++step) {
    try {
      report.label.push_back(loader.next().label.front());
    } catch (const Error& error) {
      report.failures.emplace_back(error.what());
    }
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::sort(report.failures.begin(), report.failures.end());
  return report;
}

}  // namespace sseg

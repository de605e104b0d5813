#pragma once
#include <algorithm>
#include <span>

#include "sseg/concepts/communicator.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// The communicator of one process: rank 0 of 1. What others would send is already there.
struct Alone {
  using Space = HostSpace;

  int rank() const { return 0; }
  int size() const { return 1; }

  template <class T>
  void all_reduce(std::span<T>) {}
  template <class T>
  void broadcast(std::span<T>) {}
  /// Throws: Error when the spans are not equally long.
  template <class T>
  void all_gather(std::span<const T> mine, std::span<T> all) {
    require(mine.size() == all.size(), "there is no room for what is gathered", "Alone::all_gather",
            "give as many elements as one rank has, times the ranks");
    std::copy(mine.begin(), mine.end(), all.begin());
  }
};

}  // namespace sseg

#pragma once
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "sseg/backend/reserve_for.hpp"

namespace sseg {

/// Rows of numbers that a backend with memory of its own makes, one now and then, and the host wants later: they wait
/// where the backend's arrays lie, and come over together.
template <class T>
class Backlog {
 public:
  static constexpr Index most_rows = 128;

  /// Appends a copy of the numbers at `row` and, as part of it, of those of `more`, which lie there too. Requires: not
  /// full; rows that wait have the same count.
  template <class B>
  void put(B& backend, const T* row, Index count, std::span<const T> more = {}) {
    count_ = count + static_cast<Index>(more.size());
    reserve_for(backend, there_, most_rows * count_);
    T* const to = there_.data() + rows_ * count_;
    if (count > 0) backend.memory()->copy(to, row, to_size(count) * sizeof(T));
    if (!more.empty()) backend.memory()->copy(to + count, more.data(), more.size_bytes());
    ++rows_;
  }
  Index rows() const { return rows_; }
  /// A row's count.
  Index count() const { return count_; }
  bool full() const { return rows_ == most_rows; }

  /// f(row) for every row, in order; none are left, even after an error. Waits for them, once.
  template <class F>
  void take(F&& f) {
    if (rows_ == 0) return;
    const Index rows = std::exchange(rows_, 0);
    here_.resize(to_size(rows * count_));
    there_.download(here_);
    for (Index r = 0; r < rows; ++r) f(std::span<const T>(here_).subspan(to_size(r * count_), to_size(count_)));
  }
  /// Drops everything, and the memory.
  void clear() {
    there_.lie_in(nullptr);
    rows_ = 0;
  }

 private:
  Buffer<T> there_;
  std::vector<T> here_;
  Index rows_ = 0, count_ = 0;
};

}  // namespace sseg

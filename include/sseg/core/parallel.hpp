#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "sseg/core/shape.hpp"

namespace sseg {

/// Half-open range of items.
struct Range {
  Index begin = 0, end = 0;
  constexpr Index size() const { return end - begin; }
};

/// Part `i` of `total` items cut into `parts` nearly equal ranges. Depends on nothing else, so results that are reduced
/// part by part are the same for any number of threads.
constexpr Range part_of(Index total, Index parts, Index i) { return {total * i / parts, total * (i + 1) / parts}; }

/// A fixed team of threads that runs numbered pieces of work. The caller works too, so `Threads(1)` starts none.
/// Which thread runs which piece is left open; determinism comes from pieces that do not depend on the team
/// (`part_of`) and from reducing them in order. Not for use from two threads at once, nor from inside a piece.
class Threads {
 public:
  /// `count` = 0 means all the cores this process sees.
  explicit Threads(int count = 0) : count_(count > 0 ? count : default_count()) {
    workers_.reserve(to_size(count_ - 1));
    for (int i = 1; i < count_; ++i) workers_.emplace_back([this] { serve(); });
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& w : workers_) w.join();
  }

  int count() const { return count_; }

  /// Calls `work(i)` for i in 0 … pieces-1 and returns when all are done. No allocation. Throws: what a piece threw.
  template <class Work>
  void run(Index pieces, Work&& work) {
    if (pieces <= 1 || workers_.empty()) {
      for (Index i = 0; i < pieces; ++i) work(i);
      return;
    }
    start(pieces, &work, [](void* w, Index i) { (*static_cast<std::remove_reference_t<Work>*>(w))(i); });
    drain();
    finish();
  }

 private:
  using Call = void (*)(void*, Index);

  static int default_count() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

  void start(Index pieces, void* work, Call call) {
    {
      const std::lock_guard lock(mutex_);
      work_ = work;
      call_ = call;
      pieces_ = pieces;
      next_.store(0, std::memory_order_relaxed);
      busy_ = static_cast<int>(workers_.size());
      ++round_;
    }
    wake_.notify_all();
  }
  void drain() {
    for (;;) {
      const Index i = next_.fetch_add(1, std::memory_order_relaxed);
      if (i >= pieces_) return;
      try {
        call_(work_, i);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        next_.store(pieces_, std::memory_order_relaxed);
      }
    }
  }
  void finish() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }
  void serve() {
    std::uint64_t seen = 0;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stopping_ || round_ != seen; });
        if (stopping_) return;
        seen = round_;
      }
      drain();
      const std::lock_guard lock(mutex_);
      if (--busy_ == 0) done_.notify_one();
    }
  }

  int count_;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  void* work_ = nullptr;
  Call call_ = nullptr;
  Index pieces_ = 0;
  std::atomic<Index> next_{0};
  int busy_ = 0;
  std::uint64_t round_ = 0;
  bool stopping_ = false;
  std::exception_ptr failure_;
};

}  // namespace sseg

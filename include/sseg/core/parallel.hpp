#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
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
  /// Throws: Error when the system cannot start so many.
  explicit Threads(int count = 0) : count_(count > 0 ? count : default_count()) {
    workers_.reserve(to_size(count_ - 1));
    try {
      for (int i = 1; i < count_; ++i) workers_.emplace_back([this, i] { serve(i); });
    } catch (const std::system_error&) {
      dismiss();
      throw Error("cannot start " + std::to_string(count_) + " threads", "Threads", "ask for fewer");
    }
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { dismiss(); }

  int count() const { return count_; }

  /// Calls `work(i)`, or `work(i, worker)` where the callable takes two, for i in 0 … pieces-1 and returns when all are
  /// done. `worker` in 0 … count()-1 names the running thread: two pieces that run at once never share it, so it may
  /// choose scratch memory but must not change results. No allocation. Throws: what a piece threw.
  template <class Work>
  void run(Index pieces, Work&& work) {
    run_erased(pieces, &work,
               [](void* w, Index i, int worker) { call(*static_cast<std::remove_reference_t<Work>*>(w), i, worker); });
  }

 private:
  void dismiss() {
    {
      const std::lock_guard lock(mutex_);
      stopping_.store(true, std::memory_order_relaxed);
    }
    wake_.notify_all();
    for (auto& w : workers_) w.join();
  }
  using Call = void (*)(void*, Index, int);
  /// Not inlined, so that a piece of work is compiled once and `run` costs its place little.
  [[gnu::noinline]] void run_erased(Index pieces, void* work, Call callable) {
    if (pieces <= 1 || workers_.empty()) {
      for (Index i = 0; i < pieces; ++i) callable(work, i, 0);
      return;
    }
    start(pieces, work, callable);
    drain(0);
    finish();
  }
  /// The operations of a step follow each other closely, and to be woken takes longer than most of them: looks this
  /// often before it sleeps (some 5 µs), then this often with its core offered to others in between (some 100 µs).
  static constexpr int spins = 1 << 14, offers = 256, spins_per_offer = 64;

  static int default_count() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

  template <class Work>
  static void call(Work& work, Index i, int worker) {
    if constexpr (std::is_invocable_v<Work&, Index, int>)
      work(i, worker);
    else
      work(i);
  }

  template <class Ready>
  static bool spin(Ready&& ready) {
    for (int i = 0; i < spins; ++i)
      if (ready()) return true;
    for (int i = 0; i < offers * spins_per_offer; ++i) {
      if (i % spins_per_offer == 0) std::this_thread::yield();
      if (ready()) return true;
    }
    return false;
  }

  void start(Index pieces, void* work, Call callable) {
    {
      const std::lock_guard lock(mutex_);
      work_ = work;
      call_ = callable;
      pieces_ = pieces;
      next_.store(0, std::memory_order_relaxed);
      busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
  }
  void drain(int worker) {
    for (;;) {
      const Index i = next_.fetch_add(1, std::memory_order_relaxed);
      if (i >= pieces_) return;
      try {
        call_(work_, i, worker);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        next_.store(pieces_, std::memory_order_relaxed);
      }
    }
  }
  void finish() {
    const auto done = [this] { return busy_.load(std::memory_order_acquire) == 0; };
    if (!spin(done)) {
      std::unique_lock lock(mutex_);
      done_.wait(lock, done);
    }
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }
  void serve(int worker) {
    std::uint64_t seen = 0;
    const auto called = [&] {
      return stopping_.load(std::memory_order_relaxed) || round_.load(std::memory_order_acquire) != seen;
    };
    for (;;) {
      if (!spin(called)) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, called);
      }
      if (stopping_.load(std::memory_order_relaxed)) return;
      ++seen;  // a round starts only after every worker has left the last one
      drain(worker);
      if (busy_.fetch_sub(1, std::memory_order_acq_rel) != 1) continue;
      { const std::lock_guard lock(mutex_); }  // the caller is now either waiting or will see zero
      done_.notify_one();
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
  std::atomic<int> busy_{0};
  std::atomic<std::uint64_t> round_{0};
  std::atomic<bool> stopping_{false};
  std::exception_ptr failure_;
};

}  // namespace sseg

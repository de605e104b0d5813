#pragma once
#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// Makes items ahead of who takes them, on threads of its own: item 0, 1, 2 … in order, each a function of its number
/// alone, so that what is taken does not depend on the threads. At most `ahead` + 1 items are held; their memory is
/// used again. `Make`: void(Index number, Item&). Not for use from two threads at once.
template <class Item, class Make>
class Prefetcher {
 public:
  /// `make` fills an item in whatever state an earlier one left it; it is called by several threads at once. `first`:
  /// the number of the first item taken. `workers`: 0 makes each item when it is asked for.
  /// Throws: Error when sizes make no sense or threads cannot be started.
  Prefetcher(Make make, Index first, int workers, Index ahead)
      : make_(std::move(make)), slots_(to_size(std::max<Index>(ahead, 0) + 1)), next_(first), taken_(first) {
    require(workers >= 0 && workers <= 1024 && ahead >= 0 && (workers == 0 || ahead >= 1),
            "the sizes of the prefetcher make no sense", "Prefetcher",
            "give 0 to 1024 workers, and with workers at least one item ahead");
    try {
      for (int w = 0; w < workers; ++w) workers_.emplace_back([this] { serve(); });
    } catch (const std::system_error&) {
      dismiss();
      throw Error("cannot start " + std::to_string(workers) + " threads", "Prefetcher", "ask for fewer");
    }
  }
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;
  ~Prefetcher() { dismiss(); }

  /// The number of the item that `next` gives.
  Index position() const { return taken_; }

  /// The next item, valid until the next call. Throws: what `make` threw for it; the item after it may still be taken.
  const Item& next() {
    Slot& slot = slots_[to_size(taken_) % slots_.size()];
    if (workers_.empty()) {
      ++taken_;
      make_(taken_ - 1, slot.item);
      return slot.item;
    }
    std::unique_lock lock(mutex_);
    released_ = taken_;  // what was taken before may be overwritten
    wake_.notify_all();
    done_.wait(lock, [&] { return slot.number == taken_ && slot.finished; });
    ++taken_;
    if (slot.failure) std::rethrow_exception(std::exchange(slot.failure, nullptr));
    return slot.item;
  }

 private:
  struct Slot {
    Item item{};
    Index number = -1;
    bool finished = false;
    std::exception_ptr failure;
  };

  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return stopping_ || next_ < released_ + static_cast<Index>(slots_.size()); });
      if (stopping_) return;
      const Index number = next_++;
      Slot& slot = slots_[to_size(number) % slots_.size()];
      slot.number = number, slot.finished = false;
      lock.unlock();
      std::exception_ptr failure;
      try {
        make_(number, slot.item);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      slot.failure = failure, slot.finished = true;
      done_.notify_one();
    }
  }
  void dismiss() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& w : workers_) w.join();
  }

  Make make_;
  std::vector<Slot> slots_;
  Index next_;   ///< to be made
  Index taken_;  ///< to be taken
  Index released_ = taken_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> workers_;
  bool stopping_ = false;
};

/// `make_prefetcher<Item>(make, first, workers, ahead)`: a Prefetcher with the type of `make` deduced.
template <class Item, class Make>
Prefetcher<Item, Make> make_prefetcher(Make make, Index first, int workers, Index ahead) {
  return {std::move(make), first, workers, ahead};
}

}  // namespace sseg

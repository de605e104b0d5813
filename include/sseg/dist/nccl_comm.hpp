#pragma once
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "sseg/backend/cuda/event.hpp"
#include "sseg/dist/nccl_library.hpp"

namespace sseg {

/// One rank's end of NCCL, and a thread that watches over it. Work for it is queued on a stream, where a lost rank
/// would hold up everything behind it for ever, the host too when it waits for the stream. So the thread looks whether
/// the work gets done: after `timeout` seconds without, or when NCCL reports an error, it aborts, which lets the stream
/// go on, with garbage; the next `give` says what happened. An abort ends no sooner than every graph is gone that has
/// messages of this communicator, so nobody waits for it but the thread, and graphs go before this does.
class NcclComm {
  using Clock = std::chrono::steady_clock;

 public:
  /// All ranks call it, with the id of one of them. `on_all(ok)`: is it so on all ranks? Requires: the rank's device is
  /// current. Throws: Error, also when ranks do not come within the time.
  template <class F>
  NcclComm(const ncclUniqueId& id, int rank, int size, int device, double timeout, F&& on_all)
      : timeout_(timeout), rank_(static_cast<std::size_t>(rank)), size_(static_cast<std::size_t>(size)) {
    // Captured messages would have NCCL register their arrays with the network, by address, for as long as a graph
    // lives; the pool gives arrays back before that. Whoever sets the variable knows better.
    (void)setenv("NCCL_GRAPH_REGISTER", "0", 0);
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    const ncclResult_t begun = ncclCommInitRankConfig(&comm_, size, id, rank, &config);
    const bool ok = begun == ncclSuccess || begun == ncclInProgress;
    try {
      require(std::forward<F>(on_all)(ok) || !ok, "NCCL does not start on another rank", "NcclComm",
              "see what that rank says");
      settle(begun, "ncclCommInitRankConfig");
      thread_ = std::thread([this, device] { watch(device); });
    } catch (...) {
      abort(std::exchange(comm_, nullptr));
      throw;
    }
  }
  NcclComm(const NcclComm&) = delete;
  NcclComm& operator=(const NcclComm&) = delete;
  /// Leaves the others; where an exception is on its way, or they do not answer, by an abort.
  ~NcclComm() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
    ncclComm_t const comm = comm_;
    if (comm == nullptr) return;
    if (std::uncaught_exceptions() > unwinding_) {
      abort(comm);
      return;
    }
    try {
      settle(ncclCommFinalize(comm), "ncclCommFinalize");
      (void)ncclCommDestroy(comm);
    } catch (...) {
      abort(comm);
    }
  }

  std::size_t rank() const { return rank_; }
  std::size_t size() const { return size_; }

  /// Throws: Error when earlier work has failed.
  void demand_alive(const char* where) {
    const std::lock_guard lock(mutex_);
    if (comm_ == nullptr) throw Error(failure_, where, cure);
  }
  /// queue() gives work to streams, after all of which `stream` comes; the work is watched over. Every answer of NCCL's
  /// goes through `answered`. Throws: Error when earlier work has failed, or this cannot be given.
  template <class F>
  void give(const cuda::Stream& stream, const char* where, F&& queue) {
    const std::lock_guard lock(mutex_);
    if (comm_ == nullptr) throw Error(failure_, where, cure);
    try {
      std::forward<F>(queue)();
      if (!capturing_) mark(stream);
    } catch (const Error& e) {  // the others wait for what does not come
      if (!capturing_) fail(e.what_happened());
      throw;
    }
    wake_.notify_all();
  }
  /// play() gives work to streams, and each message in it by `give`. Nobody holds the lock meanwhile: CUDA may let the
  /// host wait in any launch, for messages that do not come. Throws: Error.
  template <class F>
  void play(const char* where, F&& play) {
    demand_alive(where);
    try {
      std::forward<F>(play)();
    } catch (const Error& e) {
      const std::lock_guard lock(mutex_);
      fail(e.what_happened());
      throw;
    }
  }
  /// note() has work captured, so that none is to be done yet: where CUDA fails at that, NCCL may go on. Throws: Error.
  template <class F>
  void capture(const char* where, F&& note) {
    const std::lock_guard lock(mutex_);
    if (comm_ == nullptr) throw Error(failure_, where, cure);
    refused_ = false;
    capturing_ = true;
    try {
      std::forward<F>(note)();
    } catch (const Error& e) {
      capturing_ = false;
      if (refused_) fail(e.what_happened());
      throw;
    }
    capturing_ = false;
  }
  /// Within `give` and `capture`: NCCL's own handle; and what a function of NCCL's has answered, perhaps that it is not
  /// done yet.
  ncclComm_t get() const { return comm_; }
  void answered(ncclResult_t result, const char* where) {
    refused_ = true;
    settle(result, where);
    refused_ = false;
  }

 private:
  static constexpr const char* cure =
      "look for a rank that was stopped or lost its machine; where ranks may be so slow, raise the time-out";

  /// NCCL's functions do not block: they are done when the communicator says so.
  void settle(ncclResult_t result, const char* where) {
    const auto begin = Clock::now();
    while (result == ncclInProgress) {
      if (seconds_since(begin) > timeout_) throw Error(silence(), where, cure);
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      check_nccl(ncclCommGetAsyncError(comm_, &result), where, comm_);
    }
    check_nccl(result, where, comm_);
  }
  static double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }
  std::string silence() const {
    char text[64];
    std::snprintf(text, sizeof text, "no answer from the other ranks for %g s", timeout_);
    return text;
  }
  static void abort(ncclComm_t comm) {
    if (comm != nullptr) (void)ncclCommAbort(comm);
  }
  /// The thread aborts what is dying, without the lock. The first failure counts.
  void fail(const std::string& why) {
    if (comm_ == nullptr) return;
    failure_ = why;
    looking_ = later_ = false;
    dying_ = std::exchange(comm_, nullptr);
    wake_.notify_all();
  }

  /// One event is looked at; while it is not reached, the other follows the newest work.
  void mark(const cuda::Stream& stream) {
    (looking_ ? newest_ : looked_at_).record(stream);
    later_ = looking_;
    if (!looking_) since_ = Clock::now();
    looking_ = true;
  }
  void watch(int device) {
    (void)cudaSetDevice(device);
    std::unique_lock lock(mutex_);
    while (!stop_ || dying_ != nullptr) {
      if (ncclComm_t const comm = std::exchange(dying_, nullptr); comm != nullptr) {
        lock.unlock();
        abort(comm);
        lock.lock();
        continue;
      }
      if (!looking_) {
        wake_.wait(lock, [&] { return stop_ || looking_ || dying_ != nullptr; });
        continue;
      }
      try {
        look();
      } catch (const Error& e) {
        fail(e.what_happened());
      }
      if (looking_) wake_.wait_for(lock, std::chrono::milliseconds(20), [&] { return stop_ || dying_ != nullptr; });
    }
  }
  void look() {
    if (looked_at_.reached()) {
      looking_ = std::exchange(later_, false);
      std::swap(looked_at_, newest_);
      since_ = Clock::now();
      return;
    }
    ncclResult_t state = ncclSuccess;
    check_nccl(ncclCommGetAsyncError(comm_, &state), "NcclComm", comm_);
    if (state != ncclInProgress) check_nccl(state, "NcclComm", comm_);
    if (seconds_since(since_) > timeout_) throw Error(silence(), "NcclComm", cure);
  }

  double timeout_;
  std::size_t rank_, size_;
  int unwinding_ = std::uncaught_exceptions();
  ncclComm_t comm_ = nullptr;   ///< null: failed, and `failure_` says why
  ncclComm_t dying_ = nullptr;  ///< to be aborted
  std::string failure_;
  bool refused_ = false;  ///< by NCCL, not by CUDA
  bool capturing_ = false;
  cuda::Event looked_at_, newest_;
  bool looking_ = false, later_ = false, stop_ = false;
  Clock::time_point since_;
  std::recursive_mutex mutex_;  ///< a message is given within a capture
  std::condition_variable_any wake_;
  std::thread thread_;
};

}  // namespace sseg

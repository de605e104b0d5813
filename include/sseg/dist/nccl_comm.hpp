#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdio>
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
/// go on, with garbage; the next `give` says what happened.
class NcclComm {
  using Clock = std::chrono::steady_clock;

 public:
  /// All ranks call it, with the id of one of them. `on_all(ok)`: is it so on all ranks? Requires: the rank's device is
  /// current. Throws: Error, also when ranks do not come within the time.
  template <class F>
  NcclComm(const ncclUniqueId& id, int rank, int size, int device, double timeout, F&& on_all) : timeout_(timeout) {
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
      abort();
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
    if (std::uncaught_exceptions() > unwinding_) abort();
    if (comm_ == nullptr) return;
    try {
      settle(ncclCommFinalize(comm_), "ncclCommFinalize");
      (void)ncclCommDestroy(comm_);
    } catch (...) {
      abort();
    }
  }

  /// queue(comm) gives work to `stream`, and is watched over. It passes every answer of NCCL's to `answered`. Throws:
  /// Error when earlier work has failed, or this cannot be given.
  template <class F>
  void give(const cuda::Stream& stream, const char* where, F&& queue) {
    const std::lock_guard lock(mutex_);
    if (comm_ == nullptr) throw Error(failure_, where, cure);
    where_ = where;
    try {
      std::forward<F>(queue)(comm_);
      mark(stream);
    } catch (const Error& e) {  // the others wait for what does not come
      fail(e.what_happened());
      throw;
    }
    wake_.notify_all();
  }
  /// Within `give`: what a function of NCCL's has answered, perhaps that it is not done yet.
  void answered(ncclResult_t result) { settle(result, where_); }

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
  void abort() {
    if (comm_ != nullptr) (void)ncclCommAbort(std::exchange(comm_, nullptr));
  }
  void fail(const std::string& why) {
    failure_ = why;
    looking_ = later_ = false;
    abort();
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
    while (!stop_) {
      if (!looking_) {
        wake_.wait(lock, [&] { return stop_ || looking_; });
        continue;
      }
      try {
        look();
      } catch (const Error& e) {
        fail(e.what_happened());
      }
      if (looking_) wake_.wait_for(lock, std::chrono::milliseconds(20), [&] { return stop_; });
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
  int unwinding_ = std::uncaught_exceptions();
  ncclComm_t comm_ = nullptr;  ///< null: aborted, and `failure_` says why
  std::string failure_;
  const char* where_ = "";
  cuda::Event looked_at_, newest_;
  bool looking_ = false, later_ = false, stop_ = false;
  Clock::time_point since_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace sseg

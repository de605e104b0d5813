#pragma once
#include <utility>

#include "sseg/backend/cuda/stream.hpp"

namespace sseg::cuda {

/// A mark in a stream: for time between two marks, and for one stream to wait for another.
class Event {
 public:
  Event() { check(cudaEventCreateWithFlags(&event_, cudaEventDefault), "cudaEventCreateWithFlags"); }
  Event(Event&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
  Event& operator=(Event&& other) noexcept {
    std::swap(event_, other.event_);
    return *this;
  }
  ~Event() {
    if (event_ != nullptr) (void)cudaEventDestroy(event_);
  }

  void record(const Stream& stream) { check(cudaEventRecord(event_, stream.get()), "cudaEventRecord"); }
  /// What is given to `stream` from now on waits for the mark; the host does not.
  void hold_back(const Stream& stream) const {
    check(cudaStreamWaitEvent(stream.get(), event_, cudaEventWaitDefault), "cudaStreamWaitEvent");
  }
  /// Whether the mark is reached; waits for nothing, and may be asked by any thread.
  bool reached() const {
    const cudaError_t status = cudaEventQuery(event_);
    if (status != cudaErrorNotReady) check(status, "cudaEventQuery");
    return status == cudaSuccess;
  }
  /// The host waits for the mark.
  void wait() const { check(cudaEventSynchronize(event_), "cudaEventSynchronize"); }

  /// Milliseconds from the mark `begin` to this one. Requires: both are reached (`wait`).
  float milliseconds_since(const Event& begin) const {
    float ms = 0;
    check(cudaEventElapsedTime(&ms, begin.event_, event_), "cudaEventElapsedTime");
    return ms;
  }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace sseg::cuda

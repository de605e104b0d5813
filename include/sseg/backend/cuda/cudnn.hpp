#pragma once
// The only door to cuDNN, version 9. Only its graph interface is used: six functions, and the handle.
#include <cudnn.h>

#include <string>
#include <utility>

#include "sseg/backend/cuda/stream.hpp"

namespace sseg::cuda {

/// Throws: Error with cuDNN's words unless `status` says success.
inline void check(cudnnStatus_t status, const std::string& where) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char detail[512] = "";
  cudnnGetLastErrorString(detail, sizeof detail);
  throw Error(std::string("cuDNN: ") + cudnnGetErrorString(status) + (*detail != 0 ? ": " : "") + detail, where,
              "check that cuDNN and the driver serve this device; CUDNN_LOGLEVEL_DBG=2 in the environment tells more");
}
inline void check(cudnnStatus_t status, const char* where) {
  if (status != CUDNN_STATUS_SUCCESS) check(status, std::string(where));
}

/// cuDNN on the current device and one stream.
class CudnnHandle {
 public:
  explicit CudnnHandle(const Stream& stream) : stream_(stream.get()) {
    check(cudnnCreate(&handle_), "cudnnCreate");
    if (const cudnnStatus_t status = cudnnSetStream(handle_, stream.get()); status != CUDNN_STATUS_SUCCESS) {
      (void)cudnnDestroy(handle_);
      check(status, "cudnnSetStream");
    }
  }
  CudnnHandle(CudnnHandle&& other) noexcept : stream_(other.stream_), handle_(std::exchange(other.handle_, nullptr)) {}
  CudnnHandle& operator=(CudnnHandle&& other) noexcept {
    std::swap(stream_, other.stream_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~CudnnHandle() {
    if (handle_ != nullptr) (void)cudnnDestroy(handle_);
  }

  cudnnHandle_t get() const { return handle_; }
  /// Waits until nothing runs that was queued by this handle. False when that cannot be: the stream is being captured,
  /// or the device has failed.
  bool try_wait() const noexcept {
    cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
    return cudaStreamIsCapturing(stream_, &capture) == cudaSuccess && capture == cudaStreamCaptureStatusNone &&
           cudaStreamSynchronize(stream_) == cudaSuccess;
  }

 private:
  cudaStream_t stream_;
  cudnnHandle_t handle_ = nullptr;
};

}  // namespace sseg::cuda

#pragma once
#include <algorithm>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "sseg/backend/cuda/device_pool.hpp"
#include "sseg/backend/cuda/stream.hpp"
#include "sseg/core/shape.hpp"

namespace sseg::cuda {

/// Owning array of plain values in device memory. The host may not look into it: it copies.
template <class T>
requires std::is_trivially_copyable_v<T>
class DeviceArray {
 public:
  DeviceArray() = default;
  /// Contents are unspecified.
  DeviceArray(std::shared_ptr<DevicePool> pool, Index count)
      : pool_(std::move(pool)), data_(static_cast<T*>(pool_->take(bytes_of(count)))), size_(count) {}
  DeviceArray(DeviceArray&& other) noexcept { swap(other); }
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    swap(other);
    return *this;
  }
  ~DeviceArray() {
    if (pool_) pool_->give_back(data_, bytes_of(size_));
  }

  /// Grows to at least `count`; contents are then unspecified. Never shrinks.
  void reserve_at_least(const std::shared_ptr<DevicePool>& pool, Index count) {
    if (count <= size_) return;
    *this = DeviceArray();  // before the new one, so that its block may serve
    *this = DeviceArray(pool, count);
  }

  /// Waits for the copy, and all before it: `from` may change or go right after.
  void upload(const Stream& stream, std::span<const T> from) {
    const Index count = std::min(size_, static_cast<Index>(from.size()));
    check(cudaMemcpyAsync(data_, from.data(), bytes_of(count), cudaMemcpyHostToDevice, stream.get()),
          "cudaMemcpyAsync to the device");
    stream.wait();
  }
  /// Waits for the copy, and all before it.
  void download(const Stream& stream, std::span<T> to) const {
    const Index count = std::min(size_, static_cast<Index>(to.size()));
    check(cudaMemcpyAsync(to.data(), data_, bytes_of(count), cudaMemcpyDeviceToHost, stream.get()),
          "cudaMemcpyAsync to the host");
    stream.wait();
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  Index size() const { return size_; }

 private:
  static std::size_t bytes_of(Index count) { return to_size(count) * sizeof(T); }
  void swap(DeviceArray& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  std::shared_ptr<DevicePool> pool_;
  T* data_ = nullptr;
  Index size_ = 0;
};

}  // namespace sseg::cuda

#pragma once
#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "sseg/core/shape.hpp"

namespace sseg {

/// Owning array of plain values, aligned to a cache line (64 bytes) so that the widest vectors load it aligned.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>, "sseg::Buffer: holds plain values only.");

 public:
  static constexpr std::size_t alignment = 64;

  Buffer() = default;
  /// `count` zeros.
  explicit Buffer(Index count) { resize(count); }
  Buffer(const Buffer& other) { *this = other; }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(const Buffer& other) {
    if (this != &other) {
      if (size_ != other.size_) reallocate(other.size_);
      std::copy_n(other.data_, size_, data_);
    }
    return *this;
  }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() { release(); }

  /// Makes the size `count`; every element becomes zero. No allocation when the size is already `count`.
  void resize(Index count) {
    if (count != size_) reallocate(count);
    std::fill_n(data_, size_, T{});
  }
  /// Grows to at least `count` elements; contents are unspecified. Never shrinks.
  void reserve_at_least(Index count) {
    if (count > size_) reallocate(count);
  }

  /// Drops all but the first `count` elements; the memory stays taken. Requires: count <= size().
  void keep_first(Index count) { size_ = std::min(count, size_); }

  Index size() const { return size_; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](Index i) { return data_[i]; }
  const T& operator[](Index i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  std::span<T> span() { return {data_, to_size(size_)}; }
  std::span<const T> span() const { return {data_, to_size(size_)}; }
  bool operator==(const Buffer& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

 private:
  void reallocate(Index count) {
    release();
    if (count == 0) return;
    data_ = static_cast<T*>(::operator new (to_size(count) * sizeof(T), std::align_val_t{alignment}));
    size_ = count;
  }
  void release() noexcept {
    if (data_ != nullptr) ::operator delete (data_, std::align_val_t{alignment});
    data_ = nullptr;
    size_ = 0;
  }
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  T* data_ = nullptr;
  Index size_ = 0;
};

}  // namespace sseg

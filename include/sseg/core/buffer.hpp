#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "sseg/core/memory.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// Owning array of plain values, aligned to a cache line (64 bytes) so that the widest vectors load it aligned. It lies
/// on the host unless it is told to lie in some other memory: then `data` is an address there, and the host neither
/// reads nor writes elements. A copy lies where the original does.
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
  [[gnu::noinline]] Buffer& operator=(const Buffer& other) {
    if (this != &other) {
      lie_in(other.memory_);
      if (size_ != other.size_) reallocate(other.size_);
      copy_from(other.data_);
    }
    return *this;
  }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  [[gnu::noinline]] ~Buffer() { release(); }

  /// Makes the size `count`; every element becomes zero. No allocation when the size is already `count`.
  void resize(Index count) {
    if (count != size_) reallocate(count);
    if (memory_ == nullptr)
      std::fill_n(data_, size_, T{});
    else if (size_ > 0)
      memory_->clear(data_, bytes_of(size_));
  }
  /// Grows to at least `count` elements; contents are unspecified. Never shrinks.
  void reserve_at_least(Index count) {
    if (count > size_) reallocate(count);
  }

  /// Drops all but the first `count` elements; the memory stays taken. Requires: count <= size().
  void keep_first(Index count) {
    if (memory_ == nullptr)
      size_ = std::min(count, size_);
    else
      *this = first(std::min(count, size_));  // a block goes back by its size
  }

  /// From now on elements lie in `memory` (null: on the host). Elsewhere than before, none are left.
  void lie_in(const std::shared_ptr<Memory>& memory) {
    if (memory == memory_) return;
    release();
    memory_ = memory;
  }
  /// The same with the elements it has. One of both places must be the host.
  void move_to(const std::shared_ptr<Memory>& memory) {
    if (memory == memory_) return;
    Buffer moved;
    moved.memory_ = memory;
    moved.reallocate(size_);
    if (size_ > 0 && memory == nullptr) memory_->download(moved.data_, data_, bytes_of(size_));
    if (size_ > 0 && memory != nullptr) memory->upload(moved.data_, data_, bytes_of(size_));
    swap(moved);
  }
  bool on_host() const { return memory_ == nullptr; }
  const std::shared_ptr<Memory>& memory() const { return memory_; }
  /// Overwrites the first elements by the host's `from`, or the host's `to` by them.
  void upload(std::span<const T> from) {
    if (memory_ == nullptr)
      std::copy(from.begin(), from.end(), data_);
    else if (!from.empty())
      memory_->upload(data_, from.data(), from.size_bytes());
  }
  void download(std::span<T> to) const {
    if (memory_ == nullptr)
      std::copy_n(data_, to.size(), to.begin());
    else if (!to.empty())
      memory_->download(to.data(), data_, to.size_bytes());
  }

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
  /// Requires: both lie on the host.
  bool operator==(const Buffer& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

 private:
  static std::size_t bytes_of(Index count) { return to_size(count) * sizeof(T); }

  [[gnu::noinline]] void reallocate(Index count) {
    release();
    if (count == 0) return;
    data_ = static_cast<T*>(memory_ == nullptr ? ::operator new (bytes_of(count), std::align_val_t{alignment})
                                               : memory_->take(bytes_of(count)));
    size_ = count;
  }
  void release() noexcept {
    if (data_ != nullptr && memory_ == nullptr) ::operator delete (data_, std::align_val_t{alignment});
    if (data_ != nullptr && memory_ != nullptr) memory_->give_back(data_, bytes_of(size_));
    data_ = nullptr;
    size_ = 0;
  }
  void copy_from(const T* from) {
    if (memory_ == nullptr)
      std::copy_n(from, size_, data_);
    else if (size_ > 0)
      memory_->copy(data_, from, bytes_of(size_));
  }
  Buffer first(Index count) const {
    Buffer some;
    some.memory_ = memory_;
    some.reallocate(count);
    some.copy_from(data_);
    return some;
  }
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    memory_.swap(other.memory_);
  }

  T* data_ = nullptr;
  Index size_ = 0;
  std::shared_ptr<Memory> memory_;
};

}  // namespace sseg

#pragma once
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>

#include "sseg/backend/cuda/cohort_cache.hpp"
#include "sseg/backend/cuda/device_array.hpp"
#include "sseg/backend/cuda/device_facts.hpp"
#include "sseg/backend/cuda/device_memory.hpp"
#include "sseg/backend/cuda/kernel_library.hpp"
#include "sseg/backend/cuda/skip_where.hpp"

namespace sseg::cuda {

/// One GPU as operations see it (queue_elementwise.hpp): a stream, memory, kernels.
class Device {
 public:
  /// Makes `facts.ordinal` the current device of this thread. Throws: Error.
  Device(DeviceFacts facts, const CubinCache& cache, std::size_t most_memory = 0, GraphUse graphs = GraphUse::off,
         std::FILE* say = nullptr)
      : facts_(select(std::move(facts))),
        memory_(std::make_shared<DeviceMemory>(facts_.ordinal, most_memory, graphs, say)),
        kernels_(facts_.architecture, cache) {}

  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  /// Kernels are unloaded when nothing runs any more.
  ~Device() { finish(); }

  /// Before anything that work uses goes away: waits for what was given to the device, drops what was not.
  void finish() noexcept {
    work().drop();
    (void)cudaStreamSynchronize(stream().get());
    work().graphs().forget();
  }

  const DeviceFacts& facts() const { return facts_; }
  const std::shared_ptr<DeviceMemory>& memory() const { return memory_; }
  const std::shared_ptr<DevicePool>& pool() const { return memory_->pool(); }
  WorkQueue& work() const { return memory_->work(); }
  const Stream& stream() const { return memory_->stream(); }

  /// A thread has one current device, and another backend may have made its own that.
  void make_current() const { check(cudaSetDevice(facts_.ordinal), "cudaSetDevice"); }

  template <class K, class... A>
  void launch(Index blocks, A... arguments) {
    kernels_.launch<K>(work(), blocks, arguments...);
  }
  /// Notes a launch on another stream of this device than its own.
  template <class K, class... A>
  void note_on(Tape& tape, const Stream& other, Index blocks, A... arguments) {
    kernels_.note<K>(tape, other, blocks, arguments...);
  }
  void* workspace(std::size_t bytes) {
    workspace_.reserve_at_least(pool(), static_cast<Index>(bytes));
    return workspace_.data();
  }
  /// WorkQueue::changing, CohortCache::there.
  const float* changing(std::initializer_list<float> numbers) { return work().changing(numbers); }
  const float* changing(std::span<const float> numbers) { return work().changing(numbers); }
  const unsigned char* cohorts(std::span<const unsigned char> here) { return cohorts_.there(*memory_, here); }
  const CohortCache& cohort_cache() const { return cohorts_; }
  /// Of updates from now on.
  const SkipWhere& skip() const { return skip_; }
  void set_skip(const SkipWhere& where) { skip_ = where; }
  void copy(void* to, const void* from, std::size_t bytes) { memory_->copy(to, from, bytes); }
  void upload(void* to, const void* from, std::size_t bytes) { memory_->upload(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) { memory_->download(to, from, bytes); }

 private:
  static DeviceFacts select(DeviceFacts facts) {
    check(cudaSetDevice(facts.ordinal), "cudaSetDevice");
    return facts;
  }

  DeviceFacts facts_;
  std::shared_ptr<DeviceMemory> memory_;
  KernelLibrary kernels_;
  DeviceArray<char> workspace_;
  CohortCache cohorts_;
  SkipWhere skip_;
};

}  // namespace sseg::cuda

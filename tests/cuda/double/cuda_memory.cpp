// cudart: memory.
#include <cstdlib>
#include <cstring>

#include "cuda/double/world.hpp"

using namespace cuda_double;

namespace {

using Kind = Memory::Kind;

std::string place(const char* function, std::int64_t call) {
  return std::string(function) + " number " + std::to_string(call);
}

void* allocate(const char* function, std::size_t bytes) {
  World& w = world();
  const int device = current_device();
  demand(static_cast<std::size_t>(device) < w.cards.size(), "there is no device");
  if (w.memory.in_use(device) + bytes > w.cards[static_cast<std::size_t>(device)].memory)
    throw Refusal<cudaError_t>{cudaErrorMemoryAllocation, "the card is full"};
  return w.memory.allocate(bytes, device, Kind::device, place(function, w.calls.count(function)));
}

/// Where a copy reads and writes, checked as `kind` demands.
struct Sides {
  bool from_device, to_device;
};

Sides check_sides(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const Memory& memory = world().memory;
  const auto on_device = [&](const void* p) { return memory.device_block(p, 1) != nullptr; };
  Sides sides{kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice,
              kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice};
  if (kind == cudaMemcpyDefault) sides = {on_device(from), on_device(to)};
  const auto check_side = [&](const void* p, bool device, const char* name) {
    if (device)
      demand(memory.device_block(p, bytes) != nullptr,
             std::string(name) + ": no device memory of " + std::to_string(bytes) + " bytes");
    else
      demand(!on_device(p) && p != nullptr, std::string(name) + " is not host memory");
  };
  check_side(from, sides.from_device, "source");
  check_side(to, sides.to_device, "destination");
  return sides;
}

/// CUDA reads pageable memory before the call returns, pinned memory when the copy runs.
void queue_copy(Stream& stream, const char* function, void* to, const void* from, std::size_t bytes,
                cudaMemcpyKind kind) {
  if (bytes == 0) return;
  const Sides sides = check_sides(to, from, bytes, kind);
  const Memory& memory = world().memory;
  const bool pageable =
      (!sides.from_device && !memory.pinned(from, bytes)) || (!sides.to_device && !memory.pinned(to, bytes));
  if (pageable) Streams::demand_no_capture(stream, "a captured copy touches host memory that is not pinned");
  if (sides.from_device && !sides.to_device) world().calls.note(copies_to_host);
  if (!sides.from_device && pageable) {
    const auto* const bytes_of = static_cast<const char*>(from);
    world().streams.push(stream, function, [to, copy = std::vector<char>(bytes_of, bytes_of + bytes)] {
      std::memcpy(to, copy.data(), copy.size());
    });
  } else {
    world().streams.push(stream, function, [=] { std::memmove(to, from, bytes); });
  }
}

}  // namespace

extern "C" {

cudaError_t cudaMalloc(void** p, std::size_t bytes) {
  return answer_cuda(__func__, cudaErrorMemoryAllocation, [&] {
    world().streams.demand_no_capture("nothing may be allocated");
    *p = allocate("cudaMalloc", bytes);
  });
}

cudaError_t cudaMallocAsync(void** p, std::size_t bytes, cudaStream_t stream) {
  return answer_cuda(__func__, cudaErrorMemoryAllocation, [&] {
    stream_of(stream);
    *p = allocate("cudaMallocAsync", bytes);
  });
}

cudaError_t cudaFree(void* p) {
  return answer_cuda_release(__func__, [&] {
    if (p == nullptr) return;
    World& w = world();
    w.streams.demand_no_capture("nothing may be freed");
    for (std::size_t device = 0; device < w.cards.size(); ++device) w.streams.finish_device(static_cast<int>(device));
    w.memory.release(p, Kind::device);
  });
}

cudaError_t cudaFreeAsync(void* p, cudaStream_t stream) {
  return answer_cuda_release(__func__, [&] {
    if (p == nullptr) return;
    world().streams.push(stream_of(stream), "cudaFreeAsync", [p] { world().memory.release(p, Kind::device); });
  });
}

cudaError_t cudaHostAlloc(void** p, std::size_t bytes, unsigned) {
  return answer_cuda(__func__, cudaErrorMemoryAllocation, [&] {
    World& w = world();
    w.streams.demand_no_capture("nothing may be allocated");
    *p = w.memory.allocate(bytes, current_device(), Kind::pinned,
                           place("cudaHostAlloc", w.calls.count("cudaHostAlloc")));
  });
}

cudaError_t cudaMallocHost(void** p, std::size_t bytes) {
  return answer_cuda(__func__, cudaErrorMemoryAllocation, [&] {
    World& w = world();
    w.streams.demand_no_capture("nothing may be allocated");
    *p = w.memory.allocate(bytes, current_device(), Kind::pinned,
                           place("cudaMallocHost", w.calls.count("cudaMallocHost")));
  });
}

cudaError_t cudaFreeHost(void* p) {
  return answer_cuda_release(__func__, [&] {
    if (p == nullptr) return;
    World& w = world();
    w.streams.demand_no_capture("nothing may be freed");
    for (std::size_t device = 0; device < w.cards.size(); ++device) w.streams.finish_device(static_cast<int>(device));
    w.memory.release(p, Kind::pinned);
  });
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return answer_cuda(__func__, cudaErrorUnknown, [&] {
    World& w = world();
    *total = w.cards.at(static_cast<std::size_t>(current_device())).memory;
    *free = *total - w.memory.in_use(current_device());
  });
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* p) {
  return answer_cuda(__func__, cudaErrorUnknown, [&] {
    const Memory::Block* const block = world().memory.find(p, 1);
    *attributes = {};
    attributes->type = block == nullptr              ? cudaMemoryTypeUnregistered
                       : block->kind == Kind::device ? cudaMemoryTypeDevice
                                                     : cudaMemoryTypeHost;
    attributes->device = block ? block->device : -1;
    attributes->devicePointer = block ? const_cast<void*>(p) : nullptr;
    attributes->hostPointer = block && block->kind == Kind::device ? nullptr : const_cast<void*>(p);
  });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return answer_cuda(__func__, cudaErrorLaunchFailure,
                     [&] { queue_copy(stream_of(stream), "cudaMemcpyAsync", to, from, bytes, kind); });
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  return answer_cuda_wait(__func__, [&] {
    Stream& stream = stream_of(nullptr);
    world().streams.demand_no_capture("nothing may wait");
    queue_copy(stream, "cudaMemcpy", to, from, bytes, kind);
    world().streams.finish(stream);
    tell_run_errors();
  });
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  return answer_cuda(__func__, cudaErrorLaunchFailure, [&] {
    demand(width <= to_pitch && width <= from_pitch, "a row is wider than its pitch");
    for (std::size_t row = 0; row < height; ++row)
      queue_copy(stream_of(stream), "cudaMemcpy2DAsync", static_cast<char*>(to) + row * to_pitch,
                 static_cast<const char*>(from) + row * from_pitch, width, kind);
  });
}

cudaError_t cudaMemsetAsync(void* p, int value, std::size_t bytes, cudaStream_t stream) {
  return answer_cuda(__func__, cudaErrorLaunchFailure, [&] {
    if (bytes == 0) return;
    Stream& s = stream_of(stream);
    demand_on_device(p, bytes, s.device, "destination");
    world().streams.push(s, "cudaMemsetAsync", [=] { std::memset(p, value, bytes); });
  });
}

cudaError_t cudaMemset(void* p, int value, std::size_t bytes) { return cudaMemsetAsync(p, value, bytes, nullptr); }

}  // extern "C"

#include "cuda/double/world.hpp"

namespace cuda_double {

World& world() {
  static World* const it = new World;  // never destroyed: handles held in statics may outlive main
  return *it;
}

int& current_device() {
  thread_local int device = 0;
  return device;
}

cudaError_t& last_error() {
  thread_local cudaError_t error = cudaSuccess;
  return error;
}

Stream& stream_of(cudaStream_t handle) {
  World& w = world();
  if (handle == nullptr || handle == cudaStreamLegacy) return w.streams.default_of(current_device());
  auto* const stream = reinterpret_cast<Stream*>(handle);
  demand(w.streams.alive(stream), "no such stream, or it was destroyed");
  return *stream;
}

void demand_on_device(const void* p, std::size_t bytes, int device, const std::string& what) {
  const Memory::Block* const start = world().memory.device_block(p, 1);
  demand(start != nullptr, what + " is not in device memory");
  demand(start->device == device,
         what + " is memory of device " + std::to_string(start->device) + ", not of device " + std::to_string(device));
  const std::size_t there = start->bytes - static_cast<std::size_t>(static_cast<const std::byte*>(p) - start->data);
  demand(bytes <= there, what + " needs " + std::to_string(bytes) + " bytes, its block has " + std::to_string(there));
}

void tell_run_errors() {
  World& w = world();
  const std::vector<std::string>& errors = w.streams.run_errors;
  w.complaints.insert(w.complaints.end(), errors.begin() + static_cast<std::ptrdiff_t>(w.run_errors_told),
                      errors.end());
  if (errors.size() > w.run_errors_told) w.out_of_order = true;
  w.run_errors_told = errors.size();
  if (w.out_of_order) throw Refusal<cudaError_t>{cudaErrorIllegalAddress, "work failed when it ran"};
}

void demand_object(const void* object, std::string_view made_by) {
  const auto found = world().objects.find(const_cast<void*>(object));
  demand(found != world().objects.end() && found->second == made_by,
         "no object that " + std::string(made_by) + " made, or it was destroyed");
}

void forget_object(void* object, std::string_view made_by) {
  demand_object(object, made_by);
  world().objects.erase(object);
}

}  // namespace cuda_double

#pragma once
#include <cuda_runtime_api.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cuda/double/calls.hpp"
#include "cuda/double/memory.hpp"
#include "cuda/double/streams.hpp"

namespace cuda_double {

/// What a card says about itself, as far as the double answers.
struct Card {
  std::string name = "Double of an H100";
  int major = 9, minor = 0;
  int processors = 132;
  std::size_t memory = std::size_t{1} << 30;
  int max_threads_per_block = 1024;
  std::size_t shared_per_block = 48 << 10, shared_per_block_optin = 227 << 10;
};

/// All state of the double. One lock serves it: every function of the double holds it.
struct World {
  std::recursive_mutex mutex;
  std::vector<Card> cards;
  int driver_version = 13000;
  cudaError_t no_device = cudaErrorNoDevice;  ///< the answer of cudaGetDeviceCount when there are no cards

  Calls calls;
  Memory memory;
  Streams streams{memory};
  std::map<Event*, std::unique_ptr<Event>> events;
  std::map<void*, std::string> objects;  ///< handles of all other kinds that live, and what made them
  std::vector<std::string> complaints;   ///< every misuse, in words
  std::size_t run_errors_told = 0;       ///< of streams.run_errors
  bool out_of_order = false;             ///< work failed when it ran: the device is lost, as after a fault
};

/// The world of this process.
World& world();

/// The current device of this thread.
int& current_device();
cudaError_t& last_error();

/// Answers a call of one function: counts it, fails it when told to, and turns what `body` throws into a status.
/// `told` is the status of a call that was told to fail.
template <class Status, class Body>
Status answer(const char* function, Status told, Status misused, Status success, bool may_fail, Body body) {
  World& w = world();
  const std::lock_guard lock(w.mutex);
  if (may_fail && w.calls.enter(function)) return told;
  try {
    body();
    return success;
  } catch (const Misuse& wrong) {
    w.complaints.push_back(std::string(function) + ": " + wrong.what());
    return misused;
  } catch (const Refusal<Status>& refusal) {
    return refusal.status;
  }
}

/// `answer` for cudart, which remembers the last error.
template <class Body>
cudaError_t answer_cuda(const char* function, cudaError_t told, Body body) {
  const cudaError_t status = answer(function, told, cudaErrorInvalidValue, cudaSuccess, true, body);
  if (status != cudaSuccess) last_error() = status;
  return status;
}
/// The same for functions that wait for work: told to fail, they report that the device has failed, and the work with
/// it.
template <class Body>
cudaError_t answer_cuda_wait(const char* function, Body body) {
  const std::int64_t before = world().calls.failed();
  const cudaError_t status = answer_cuda(function, cudaErrorLaunchFailure, body);
  if (world().calls.failed() != before) world().streams.drop_all();
  return status;
}
/// The same for functions that give back what was taken, which are never told to fail.
template <class Body>
cudaError_t answer_cuda_release(const char* function, Body body) {
  const cudaError_t status = answer(function, cudaSuccess, cudaErrorInvalidValue, cudaSuccess, false, body);
  if (status != cudaSuccess) last_error() = status;
  return status;
}

/// The stream behind CUDA's handle. Throws: Misuse when there is none.
Stream& stream_of(cudaStream_t handle);
/// Throws: Misuse unless [p, p + bytes) is memory of one block of `device`. `what` names the argument.
void demand_on_device(const void* p, std::size_t bytes, int device, const std::string& what);
/// Throws: Refusal when work that has run had failed.
void tell_run_errors();

/// Objects with a plain handle.
template <class T>
T* keep(T* object, std::string made_by) {
  world().objects[object] = std::move(made_by);
  return object;
}
void demand_object(const void* object, std::string_view made_by);
void forget_object(void* object, std::string_view made_by);

}  // namespace cuda_double

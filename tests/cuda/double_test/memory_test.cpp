#include <cuda_runtime_api.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <vector>

#include "cuda/double/control.hpp"
#include "support/catch.hpp"

namespace memory_test {

using namespace cuda_double;

namespace {

/// The signal that ends a process which does this, or 0.
template <class F>
int signal_of(const F& f) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGSEGV, SIG_DFL);
    f();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

float* device_floats(std::size_t count) {
  void* p = nullptr;
  REQUIRE(cudaMalloc(&p, count * sizeof(float)) == cudaSuccess);
  return static_cast<float*>(p);
}

}  // namespace

TEST_CASE("The host cannot touch device memory") {
  start();
  float* const p = device_floats(3);
  volatile float seen = 0;
  CHECK(signal_of([&] { seen = *p; }) == SIGSEGV);
  CHECK(signal_of([&] { *p = 1; }) == SIGSEGV);
  CHECK(signal_of([&] { seen = 1; }) == 0);
  cudaMemset(p, 0, 12);  // and not after a call that touched it either
  CHECK(signal_of([&] { seen = *p; }) == SIGSEGV);
  CHECK(cudaFree(p) == cudaSuccess);
  CHECK(signal_of([&] { seen = *p; }) == SIGSEGV);
}

TEST_CASE("Fresh device memory is NaN") {
  start();
  std::vector<float> host(5, 0.f);
  float* const p = device_floats(5);
  CHECK(cudaMemcpy(host.data(), p, 20, cudaMemcpyDeviceToHost) == cudaSuccess);
  for (const float v : host) CHECK(std::isnan(v));
  cudaFree(p);
  CHECK(complaints().empty());
}

TEST_CASE("What is not given back is named") {
  start();
  float* const p = device_floats(3);
  void* pinned = nullptr;
  cudaStream_t stream{};
  cudaEvent_t event{};
  CHECK(cudaMallocHost(&pinned, 8) == cudaSuccess);
  CHECK(cudaStreamCreate(&stream) == cudaSuccess);
  CHECK(cudaEventCreate(&event) == cudaSuccess);
  const std::vector<std::string> left = leaks();
  CHECK(left.size() == 4);
  CHECK(std::count(left.begin(), left.end(), "12 bytes from cudaMalloc number 1") == 1);
  CHECK_THROWS_WITH(start(), Catch::Matchers::Contains("left over from before"));
  cudaFree(p), cudaFreeHost(pinned), cudaStreamDestroy(stream), cudaEventDestroy(event);
  CHECK(leaks().empty());
}

TEST_CASE("A full card refuses, and has room again") {
  Card small;
  small.memory = 1000;
  start({small});
  void *p = nullptr, *q = nullptr;
  CHECK(cudaMalloc(&p, 600) == cudaSuccess);
  CHECK(cudaMalloc(&q, 600) == cudaErrorMemoryAllocation);
  CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
  CHECK(cudaGetLastError() == cudaSuccess);
  std::size_t free = 0, total = 0;
  CHECK(cudaMemGetInfo(&free, &total) == cudaSuccess);
  CHECK(free == 400);
  CHECK(total == 1000);
  CHECK(cudaFree(p) == cudaSuccess);
  CHECK(cudaMalloc(&q, 600) == cudaSuccess);
  cudaFree(q);
  CHECK(complaints().empty());
}

TEST_CASE("Wrong pointers and sizes are refused with a reason") {
  start({Card{}, Card{}});
  std::vector<float> host(8);
  float* const p = device_floats(4);
  const auto refused = [](cudaError_t status, const char* why) {
    CHECK(status == cudaErrorInvalidValue);
    const std::vector<std::string> words = take_complaints();
    REQUIRE(words.size() == 1);
    CHECK_THAT(words[0], Catch::Matchers::Contains(why));
  };
  refused(cudaMemcpy(host.data(), p, 20, cudaMemcpyDeviceToHost), "no device memory of 20 bytes");
  refused(cudaMemcpy(host.data(), host.data() + 4, 16, cudaMemcpyDeviceToHost), "source");
  refused(cudaMemcpy(p, p, 16, cudaMemcpyHostToDevice), "source is not host memory");
  refused(cudaMemcpy(p + 4, host.data(), 4, cudaMemcpyHostToDevice), "destination");
  refused(cudaMemset(p + 1, 0, 16), "needs 16 bytes, its block has 12");
  refused(cudaFree(host.data()), "not allocated");
  cudaSetDevice(1);
  refused(cudaMemset(p, 0, 16), "memory of device 0, not of device 1");
  CHECK(cudaSetDevice(2) == cudaErrorInvalidDevice);
  cudaFree(p);
  refused(cudaFree(p), "freed before");
}

TEST_CASE("Writing behind the end of a block is told when it is freed") {
  start();
  float* const p = device_floats(3);
  {
    const Memory::Open open(world().memory);
    p[3] = 1;
  }
  CHECK(cudaFree(p) == cudaErrorInvalidValue);
  REQUIRE(complaints().size() == 1);
  CHECK_THAT(complaints()[0], Catch::Matchers::Contains("behind the end of 12 bytes from cudaMalloc number 1"));
  CHECK(leaks().empty());
}

TEST_CASE("Pageable memory is read by the call, pinned memory when the copy runs") {
  start();
  float* const p = device_floats(1);
  float pageable = 1, seen = 0;
  float* pinned = nullptr;
  REQUIRE(cudaMallocHost(reinterpret_cast<void**>(&pinned), 4) == cudaSuccess);
  *pinned = 1;
  cudaStream_t stream{};
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  for (float* const from : {&pageable, pinned}) {
    CHECK(cudaMemcpyAsync(p, from, 4, cudaMemcpyHostToDevice, stream) == cudaSuccess);
    *from = 2;
    CHECK(cudaMemcpyAsync(&seen, p, 4, cudaMemcpyDeviceToHost, stream) == cudaSuccess);
    CHECK(cudaStreamSynchronize(stream) == cudaSuccess);
    CHECK(seen == (from == pinned ? 2.f : 1.f));
  }
  cudaFree(p), cudaFreeHost(pinned), cudaStreamDestroy(stream);
  CHECK(complaints().empty());
}

}  // namespace memory_test

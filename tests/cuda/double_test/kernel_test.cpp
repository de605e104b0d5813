#include <cuda_runtime_api.h>

#include <vector>

#include "cuda/double/control.hpp"
#include "cuda/double/kernels.hpp"
#include "sseg/backend/cuda/nvrtc.hpp"
#include "support/catch.hpp"

namespace kernel_test {

using namespace cuda_double;

namespace {

constexpr const char* source = R"(
extern "C" __global__ void __launch_bounds__(64) where(int* out, int width, int height) {
  int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
  int z = blockIdx.z * blockDim.z + threadIdx.z;
  out[(z * height + y) * width + x] = x + 100 * y + 10000 * z;
}
extern "C" __global__ void lonely(float a) {}
extern "C" __global__ void shared_space(float a) { __shared__ volatile float s[1000]; s[threadIdx.x] = a; }
)";

void where(const Block& b, dim3 t, int* out, int width, int height) {
  const auto x = static_cast<int>(b.index.x * b.threads.x + t.x), y = static_cast<int>(b.index.y * b.threads.y + t.y);
  const auto z = static_cast<int>(b.index.z * b.threads.z + t.z);
  out[(z * height + y) * width + x] = x + 100 * y + 10000 * z;
}
void too_wide(const Block&, dim3, double) {}
void nothing(const Block&, dim3, float) {}
void writes_at(const Block& b, dim3 t, int* out, int at, int) { out[at] = static_cast<int>(b.index.x + t.x); }
void reads_at(const Block&, dim3, int* out, int at, int) { out[0] = static_cast<volatile int*>(out)[at]; }

struct Loaded {
  cudaLibrary_t library{};
  explicit Loaded(int architecture = 90) {
    start();
    const std::string image = sseg::cuda::compile_cubin(source, architecture);
    status = cudaLibraryLoadData(&library, image.data(), nullptr, nullptr, 0, nullptr, nullptr, 0);
  }
  ~Loaded() {
    if (status == cudaSuccess) cudaLibraryUnload(library);
  }
  cudaError_t status;
};

void refused(cudaError_t status, cudaError_t wanted, const char* why) {
  CHECK(status == wanted);
  REQUIRE(complaints().size() == 1);
  CHECK_THAT(take_complaints()[0], Catch::Matchers::Contains(why));
}

}  // namespace

TEST_CASE("A launch in three dimensions runs the host twin of every thread") {
  const Loaded loaded;
  REQUIRE(loaded.status == cudaSuccess);
  register_kernel("where", twin_of(where));
  cudaKernel_t kernel{};
  REQUIRE(cudaLibraryGetKernel(&kernel, loaded.library, "where") == cudaSuccess);
  constexpr int width = 6, height = 4, depth = 6;
  int* out = nullptr;
  REQUIRE(cudaMalloc(reinterpret_cast<void**>(&out), sizeof(int) * width * height * depth) == cudaSuccess);
  int w = width, h = height;
  void* arguments[]{&out, &w, &h};
  CHECK(cudaLaunchKernel(kernel, dim3(2, 2, 3), dim3(3, 2, 2), arguments, 0, nullptr) == cudaSuccess);
  w = h = 0;  // the launch has read them
  std::vector<int> seen(width * height * depth);
  CHECK(cudaMemcpy(seen.data(), out, seen.size() * sizeof(int), cudaMemcpyDeviceToHost) == cudaSuccess);
  for (int z = 0; z < depth; ++z)
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        REQUIRE(seen[static_cast<std::size_t>((z * height + y) * width + x)] == x + 100 * y + 10000 * z);
  cudaFree(out);
  CHECK(complaints().empty());
}

TEST_CASE("A twin that differs from the kernel is refused, and so is a kernel without one") {
  const Loaded loaded;
  cudaKernel_t kernel{};
  refused(cudaLibraryGetKernel(&kernel, loaded.library, "lonely"), cudaErrorInvalidValue, "lonely has no host twin");
  register_kernel("lonely", twin_of(too_wide));
  refused(cudaLibraryGetKernel(&kernel, loaded.library, "lonely"), cudaErrorInvalidValue, "differ in their parameters");
  register_kernel("lonely", twin_of(nothing));
  CHECK(cudaLibraryGetKernel(&kernel, loaded.library, "lonely") == cudaSuccess);
  CHECK(cudaLibraryGetKernel(&kernel, loaded.library, "absent") == cudaErrorSymbolNotFound);
  CHECK(complaints().empty());
}

TEST_CASE("Launches that no device takes are refused") {
  const Loaded loaded;
  register_kernel("where", twin_of(where));
  register_kernel("shared_space", twin_of(nothing));
  cudaKernel_t kernel{}, hungry{};
  REQUIRE(cudaLibraryGetKernel(&kernel, loaded.library, "where") == cudaSuccess);
  REQUIRE(cudaLibraryGetKernel(&hungry, loaded.library, "shared_space") == cudaSuccess);
  int* out = nullptr;
  int w = 1;
  float a = 1;
  void *arguments[]{&out, &w, &w}, *one[]{&a};
  const auto launch = [&](dim3 grid, dim3 block) {
    return cudaLaunchKernel(kernel, grid, block, arguments, 0, nullptr);
  };
  refused(launch(dim3(0), dim3(1)), cudaErrorInvalidValue, "a size is 0");
  refused(launch(dim3(1, 70000), dim3(1)), cudaErrorInvalidValue, "the grid is too large");
  refused(launch(dim3(1), dim3(2048)), cudaErrorInvalidValue, "the block is too large");
  refused(launch(dim3(1), dim3(65)), cudaErrorInvalidValue, "__launch_bounds__");
  refused(cudaLaunchKernel(hungry, dim3(1), dim3(1), one, 47 << 10, nullptr), cudaErrorInvalidValue, "shared memory");
  CHECK(cudaKernelSetAttributeForDevice(hungry, cudaFuncAttributeMaxDynamicSharedMemorySize, 64 << 10, 0) ==
        cudaSuccess);
  CHECK(cudaLaunchKernel(hungry, dim3(1), dim3(1), one, 47 << 10, nullptr) == cudaSuccess);
  refused(cudaLaunchKernel(arguments, dim3(1), dim3(1), arguments, 0, nullptr), cudaErrorInvalidValue,
          "no such kernel");
  cudaDeviceSynchronize();
}

TEST_CASE("Machine code for another device does not load") {
  const Loaded loaded(80);
  CHECK(loaded.status == cudaErrorNoKernelImageForDevice);
  cudaLibrary_t library{};
  refused(cudaLibraryLoadData(&library, "text, not code", nullptr, nullptr, 0, nullptr, nullptr, 0),
          cudaErrorInvalidValue, "no cubin");
  CHECK(leaks().empty());
}

namespace {

/// The kernel `where` with the twin `f`, and three numbers in device memory.
struct Launches {
  Loaded loaded;
  cudaKernel_t kernel{};
  int* out = nullptr;
  explicit Launches(void (*f)(const Block&, dim3, int*, int, int)) {
    register_kernel("where", twin_of(f));
    REQUIRE(cudaLibraryGetKernel(&kernel, loaded.library, "where") == cudaSuccess);
    REQUIRE(cudaMalloc(reinterpret_cast<void**>(&out), 12) == cudaSuccess);
  }
  ~Launches() { cudaFree(out); }

  cudaError_t operator()(int* at, int place = 0, cudaStream_t stream = nullptr) const {
    int rest = 0;
    void* arguments[]{&at, &place, &rest};
    return cudaLaunchKernel(kernel, dim3(1), dim3(1), arguments, 0, stream);
  }
};

/// What a launch does wrong when it runs is told by the next call that waits.
void fails_when_it_runs(const char* why) {
  CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);
  REQUIRE(complaints().size() == 1);
  CHECK_THAT(take_complaints()[0], Catch::Matchers::Contains("where, when it ran: ") && Catch::Matchers::Contains(why));
}

}  // namespace

TEST_CASE("A launch takes pointers into memory of its device only, and null") {
  const Launches launch(writes_at);
  int here = 0;
  refused(launch(&here), cudaErrorInvalidValue, "where: argument 0 is not in device memory");
  refused(launch(launch.out + 3), cudaErrorInvalidValue, "argument 0 is not in device memory");
  int* pinned = nullptr;
  REQUIRE(cudaMallocHost(reinterpret_cast<void**>(&pinned), 4) == cudaSuccess);
  refused(launch(pinned), cudaErrorInvalidValue, "argument 0 is not in device memory");
  cudaFreeHost(pinned);
  int* const odd = reinterpret_cast<int*>(reinterpret_cast<char*>(launch.out) + 2);
  refused(launch(odd), cudaErrorInvalidValue, "not aligned to 4 bytes");
  int* gone = nullptr;
  REQUIRE(cudaMalloc(reinterpret_cast<void**>(&gone), 12) == cudaSuccess);
  cudaFree(gone);
  refused(launch(gone), cudaErrorInvalidValue, "argument 0 is not in device memory");
  register_kernel("where", twin_of(where));
  CHECK(launch(launch.out) == cudaSuccess);
  CHECK(cudaDeviceSynchronize() == cudaSuccess);
  world().cards.emplace_back();
  cudaSetDevice(1);
  refused(launch(launch.out), cudaErrorInvalidValue, "memory of device 0, not of device 1");
  cudaSetDevice(0);
}

TEST_CASE("A kernel that leaves its memory is told of, and the device is lost") {
  {
    const Launches launch(writes_at);
    CHECK(launch(launch.out, 3) == cudaSuccess);  // the next number, still on the page
    fails_when_it_runs("behind the end of 12 bytes from cudaMalloc number 1");
    CHECK(cudaFree(launch.out) == cudaErrorInvalidValue);
    const_cast<Launches&>(launch).out = nullptr;
    take_complaints();
  }
  for (const auto f : {writes_at, reads_at}) {
    const Launches launch(f);
    CHECK(launch(launch.out, 1000) == cudaSuccess);
    fails_when_it_runs("it touched memory that is not its own: 3988 bytes behind the end of 12 bytes from cudaMalloc");
  }
}

TEST_CASE("A captured launch whose memory is gone when it runs is told of") {
  const Launches launch(writes_at);
  int* gone = nullptr;
  cudaStream_t stream{};
  cudaGraph_t graph{};
  cudaGraphExec_t ready{};
  REQUIRE(cudaMalloc(reinterpret_cast<void**>(&gone), 12) == cudaSuccess);
  REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
  REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal) == cudaSuccess);
  CHECK(launch(gone, 0, stream) == cudaSuccess);
  REQUIRE(cudaStreamEndCapture(stream, &graph) == cudaSuccess);
  REQUIRE(cudaGraphInstantiate(&ready, graph, 0) == cudaSuccess);
  cudaFree(gone);
  CHECK(cudaGraphLaunch(ready, stream) == cudaSuccess);
  CHECK(cudaStreamSynchronize(stream) == cudaErrorIllegalAddress);
  REQUIRE(complaints().size() == 1);
  CHECK_THAT(take_complaints()[0], Catch::Matchers::Contains("where: argument 0 is not in device memory"));
  cudaGraphExecDestroy(ready), cudaGraphDestroy(graph), cudaStreamDestroy(stream);
}

}  // namespace kernel_test

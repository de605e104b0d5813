#include <cuda_runtime_api.h>

#include <vector>

#include "cuda/double/control.hpp"
#include "cuda/double/kernels.hpp"
#include "sseg/backend/cuda/nvrtc.hpp"
#include "support/catch.hpp"

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

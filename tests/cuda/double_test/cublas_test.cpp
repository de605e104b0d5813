#include <cublas_v2.h>

#include <vector>

#include "cuda/double/control.hpp"
#include "cuda/double/number.hpp"
#include "support/catch.hpp"

namespace cublas_test {

using namespace cuda_double;

namespace {

/// A handle, and matrices on the device.
struct Bench {
  cublasHandle_t handle{};
  std::vector<void*> made;
  Bench() {
    start();
    cublasCreate(&handle);
  }
  ~Bench() {
    for (void* const p : made) cudaFree(p);
    cublasDestroy(handle);
  }
  template <class T>
  T* put(const std::vector<T>& host) {
    void* p = nullptr;
    cudaMalloc(&p, host.size() * sizeof(T));
    cudaMemcpy(p, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice);
    made.push_back(p);
    return static_cast<T*>(p);
  }
  template <class T>
  std::vector<T> get(const T* p, std::size_t count) {
    std::vector<T> host(count);
    cudaMemcpy(host.data(), p, count * sizeof(T), cudaMemcpyDeviceToHost);
    return host;
  }
};

const float one = 1, zero = 0, two = 2;

}  // namespace

TEST_CASE("Products are column-major, transposed as asked, scaled and added") {
  Bench bench;
  // A = [1 2 3; 4 5 6], B = [1 0; 0 1; 1 1]: A·B = [4 5; 10 11]
  const float* const a = bench.put<float>({1, 4, 2, 5, 3, 6});
  const float* const a_transposed = bench.put<float>({1, 2, 3, 4, 5, 6});
  const float* const b = bench.put<float>({1, 0, 1, 0, 1, 1});
  float* const c = bench.put<float>({7, 7, 7, 7});
  CHECK(cublasSgemm(bench.handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 3, &one, a, 2, b, 3, &zero, c, 2) ==
        CUBLAS_STATUS_SUCCESS);
  CHECK(bench.get(c, 4) == std::vector<float>{4, 10, 5, 11});
  CHECK(cublasSgemm(bench.handle, CUBLAS_OP_T, CUBLAS_OP_N, 2, 2, 3, &two, a_transposed, 3, b, 3, &one, c, 2) ==
        CUBLAS_STATUS_SUCCESS);
  CHECK(bench.get(c, 4) == std::vector<float>{12, 30, 15, 33});
  CHECK(complaints().empty());
}

TEST_CASE("TF32 rounds what is multiplied, and bfloat16 and half are read and written") {
  Bench bench;
  const float fine = 1.f + 0x1p-12f;
  const float* const a = bench.put<float>({fine});
  float* const c = bench.put<float>({0});
  const auto product = [&](cublasComputeType_t compute) {
    CHECK(cublasGemmEx(bench.handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, a, CUDA_R_32F, 1, a, CUDA_R_32F, 1, &zero,
                       c, CUDA_R_32F, 1, compute, CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS);
    return bench.get(c, 1)[0];
  };
  CHECK(product(CUBLAS_COMPUTE_32F) == fine * fine);
  CHECK(product(CUBLAS_COMPUTE_32F_FAST_TF32) == 1.f);
  for (const bool f16 : {false, true}) {
    const cudaDataType_t type = f16 ? CUDA_R_16F : CUDA_R_16BF;
    const std::uint16_t three = f16 ? to_f16(3) : to_bf16(3);
    const std::uint16_t* const x = bench.put<std::uint16_t>({three});
    std::uint16_t* const y = bench.put<std::uint16_t>({0});
    CHECK(cublasGemmEx(bench.handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, x, type, 1, x, type, 1, &zero, y, type, 1,
                       CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS);
    CHECK(bench.get(y, 1)[0] == (f16 ? to_f16(9) : to_bf16(9)));
  }
}

TEST_CASE("Matrices that do not fit are refused") {
  Bench bench;
  float* const c = bench.put<float>({1, 2, 3, 4});
  std::vector<float> host(4);
  const auto refused = [&](const float* a, int lda, const char* why) {
    CHECK(cublasSgemm(bench.handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 2, &one, a, lda, c, 2, &zero, c, 2) ==
          CUBLAS_STATUS_INVALID_VALUE);
    CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains(why));
  };
  refused(host.data(), 2, "A is not in device memory");
  refused(c, 1, "its columns overlap");
  refused(c, 3, "A needs 20 bytes, its block has 16");
  CHECK(cublasSetWorkspace(bench.handle, host.data(), 4) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("the workspace is not in device memory"));
}

}  // namespace cublas_test

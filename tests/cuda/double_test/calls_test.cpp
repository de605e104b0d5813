#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

#include "cuda/double/control.hpp"
#include "support/catch.hpp"

namespace calls_test {

using namespace cuda_double;

TEST_CASE("The n-th call of a function fails once") {
  start();
  calls().fail("cudaMalloc", 2);
  void *p = nullptr, *q = nullptr;
  CHECK(cudaMalloc(&p, 4) == cudaSuccess);
  CHECK(cudaMalloc(&q, 4) == cudaErrorMemoryAllocation);
  CHECK(cudaMalloc(&q, 4) == cudaSuccess);
  CHECK(calls().count("cudaMalloc") == 3);
  CHECK(calls().failed() == 1);
  CHECK(calls().last_failed() == "cudaMalloc");
  cudaFree(p), cudaFree(q);
  CHECK(complaints().empty());
}

TEST_CASE("The n-th call of any function fails once, but for those that give back") {
  const auto scenario = [] {
    void* p = nullptr;
    cudaStream_t s{};
    const bool ok = cudaMalloc(&p, 4) == cudaSuccess && cudaStreamCreate(&s) == cudaSuccess &&
                    cudaMemsetAsync(p, 0, 4, s) == cudaSuccess && cudaStreamSynchronize(s) == cudaSuccess;
    if (p != nullptr) cudaFree(p);
    if (s != nullptr) cudaStreamDestroy(s);
    return ok;
  };
  start();
  CHECK(scenario());
  REQUIRE(calls().count() == 4);
  for (std::int64_t n = 1; n <= 4; ++n) {
    start();
    calls().fail_any(n);
    CHECK_FALSE(scenario());
    CHECK(calls().failed() == 1);
    CHECK(leaks().empty());
    CHECK(complaints().empty());
  }
}

TEST_CASE("cuDNN and cuBLAS fail in their own words") {
  start();
  cudnnHandle_t dnn{};
  cublasHandle_t blas{};
  calls().fail("cudnnCreate");
  calls().fail("cublasCreate_v2");
  CHECK(cudnnCreate(&dnn) == CUDNN_STATUS_NOT_INITIALIZED);
  CHECK(cublasCreate(&blas) == CUBLAS_STATUS_NOT_INITIALIZED);
  CHECK(cudnnCreate(&dnn) == CUDNN_STATUS_SUCCESS);
  CHECK(cublasCreate(&blas) == CUBLAS_STATUS_SUCCESS);
  CHECK(leaks().size() == 2);
  CHECK(cudnnDestroy(dnn) == CUDNN_STATUS_SUCCESS);
  CHECK(cublasDestroy(blas) == CUBLAS_STATUS_SUCCESS);
  CHECK(cudnnDestroy(dnn) == CUDNN_STATUS_BAD_PARAM);
  CHECK(take_complaints().size() == 1);
}

TEST_CASE("Cards say what they are") {
  Card t4;
  t4.name = "Tesla T4", t4.major = 7, t4.minor = 5, t4.processors = 40;
  start({Card{}, t4});
  int count = 0, value = 0;
  CHECK(cudaGetDeviceCount(&count) == cudaSuccess);
  CHECK(count == 2);
  cudaDeviceProp p{};
  CHECK(cudaGetDeviceProperties(&p, 1) == cudaSuccess);
  CHECK(std::string(p.name) == "Tesla T4");
  CHECK(p.multiProcessorCount == 40);
  CHECK(cudaDeviceGetAttribute(&value, cudaDevAttrComputeCapabilityMajor, 1) == cudaSuccess);
  CHECK(value == 7);
  CHECK(cudaGetDeviceProperties(&p, 2) == cudaErrorInvalidDevice);
  start({});
  CHECK(cudaGetDeviceCount(&count) == cudaErrorNoDevice);
  CHECK(count == 0);
  CHECK(complaints().empty());
}

}  // namespace calls_test

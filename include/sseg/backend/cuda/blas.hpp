#pragma once
// The only door to cuBLAS, versions 12 and 13.
#include <cublas_v2.h>

#include <limits>
#include <string>
#include <utility>

#include "sseg/backend/cuda/device_array.hpp"
#include "sseg/backend/cuda/work_queue.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg::cuda {

inline void check(cublasStatus_t status, const char* where) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw Error(std::string("cuBLAS: ") + cublasGetStatusString(status), where,
              "check that cuBLAS and the driver serve this device; CUBLAS_LOGINFO_DBG=1 in the environment tells more");
}

/// Matrix products on one stream. The workspace is ours: with a fixed one, and one stream, cuBLAS gives the same bits
/// every time.
class Blas {
 public:
  /// What NVIDIA recommends for the newest devices; smaller ones use less of it.
  static constexpr Index workspace_bytes = Index{32} << 20;

  Blas(const Stream& stream, const std::shared_ptr<DevicePool>& pool) : workspace_(pool, workspace_bytes) {
    check(cublasCreate(&handle_), "cublasCreate");
    try {
      check(cublasSetStream(handle_, stream.get()), "cublasSetStream");
      check(cublasSetWorkspace(handle_, workspace_.data(), static_cast<std::size_t>(workspace_bytes)),
            "cublasSetWorkspace");
    } catch (...) {
      (void)cublasDestroy(handle_);
      throw;
    }
  }
  Blas(Blas&& other) noexcept
      : workspace_(std::move(other.workspace_)), handle_(std::exchange(other.handle_, nullptr)) {}
  Blas& operator=(Blas&& other) noexcept {
    std::swap(workspace_, other.workspace_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Blas() {
    if (handle_ != nullptr) (void)cublasDestroy(handle_);
  }

  /// cuBLAS numbers rows and columns by an int.
  static bool takes(const Gemm<float>& a) {
    constexpr Index most = std::numeric_limits<int>::max();
    return a.m >= 0 && a.n >= 0 && a.k >= 0 && a.m <= most && a.n <= most && a.k <= most;
  }
  /// Of what `takes` says no to.
  static Error refusal(const Gemm<float>& a) {
    return {"cuBLAS numbers rows and columns by 31 bits",
            "product of (" + std::to_string(a.m) + ", " + std::to_string(a.k) + ") and (" + std::to_string(a.k) + ", " +
                std::to_string(a.n) + ")",
            "put fewer images into a batch"};
  }

  /// Row-major C = op(A)·op(B) is column-major Cᵀ = op(B)ᵀ·op(A)ᵀ. Requires: m, n and k are not 0. Throws: Error when
  /// cuBLAS fails.
  void multiply(WorkQueue& work, const Gemm<float>& a, bool tf32) const {
    work.give(
        [](const Stream&, Tape::Words w) {
          const auto handle = w.next<cublasHandle_t>();
          const bool with_tf32 = w.next<bool>();
          Gemm<float> g{};
          g.m = w.next<Index>(), g.n = w.next<Index>(), g.k = w.next<Index>(), g.alpha = w.next<float>();
          g.a = w.next<const float*>(), g.a_transposed = w.next<bool>();
          g.b = w.next<const float*>(), g.b_transposed = w.next<bool>();
          g.c = w.next<float*>(), g.accumulate = w.next<bool>();
          multiply(handle, g, with_tf32);
        },
        handle_, tf32, a.m, a.n, a.k, a.alpha, a.a, a.a_transposed, a.b, a.b_transposed, a.c, a.accumulate);
  }

 private:
  static void multiply(cublasHandle_t handle, const Gemm<float>& a, bool tf32) {
    const auto op = [](bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
    const int m = static_cast<int>(a.m), n = static_cast<int>(a.n), k = static_cast<int>(a.k);
    const float beta = a.accumulate ? 1.f : 0.f;
    check(cublasGemmEx(handle, op(a.b_transposed), op(a.a_transposed), n, m, k, &a.alpha, a.b, CUDA_R_32F,
                       a.b_transposed ? k : n, a.a, CUDA_R_32F, a.a_transposed ? m : k, &beta, a.c, CUDA_R_32F, n,
                       tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
          "cublasGemmEx");
  }

  DeviceArray<char> workspace_;
  cublasHandle_t handle_ = nullptr;
};

}  // namespace sseg::cuda

// The functions of cuBLAS that the library calls. Matrices are column-major, as there.
#include <cublas_v2.h>

#include <vector>

#include "cuda/double/number.hpp"
#include "cuda/double/world.hpp"

using namespace cuda_double;

namespace {

struct BlasHandle {
  int device = 0;
  cudaStream_t stream = nullptr;
  void* workspace = nullptr;
  std::size_t workspace_bytes = 0;
  cublasMath_t math = CUBLAS_DEFAULT_MATH;
  cublasPointerMode_t pointers = CUBLAS_POINTER_MODE_HOST;
};

BlasHandle& handle_of(cublasHandle_t handle) {
  demand_object(handle, "cublasCreate_v2");
  return *reinterpret_cast<BlasHandle*>(handle);
}

template <class Body>
cublasStatus_t answer_blas(const char* function, cublasStatus_t told, Body body) {
  return answer(function, told, CUBLAS_STATUS_INVALID_VALUE, CUBLAS_STATUS_SUCCESS, told != CUBLAS_STATUS_SUCCESS,
                body);
}

/// A matrix as cuBLAS takes it: op(X) has `rows` and `cols`, the columns of X lie `lead` apart.
struct Matrix {
  const void* data;
  cudaDataType_t type;
  int rows, cols, lead;
  bool transposed;

  int stored_rows() const { return transposed ? cols : rows; }
  int stored_cols() const { return transposed ? rows : cols; }
  std::size_t element_bytes() const { return type == CUDA_R_32F ? 4 : 2; }
  std::size_t bytes() const {
    return (static_cast<std::size_t>(stored_cols() - 1) * static_cast<std::size_t>(lead) +
            static_cast<std::size_t>(stored_rows())) *
           element_bytes();
  }
  std::size_t place(int row, int col) const {
    const int r = transposed ? col : row, c = transposed ? row : col;
    return static_cast<std::size_t>(c) * static_cast<std::size_t>(lead) + static_cast<std::size_t>(r);
  }
  float at(int row, int col) const {
    const std::size_t i = place(row, col);
    if (type == CUDA_R_32F) return static_cast<const float*>(data)[i];
    const std::uint16_t bits = static_cast<const std::uint16_t*>(data)[i];
    return type == CUDA_R_16F ? from_f16(bits) : from_bf16(bits);
  }
  void set(int row, int col, float v) const {
    const std::size_t i = place(row, col);
    if (type == CUDA_R_32F)
      static_cast<float*>(const_cast<void*>(data))[i] = v;
    else
      static_cast<std::uint16_t*>(const_cast<void*>(data))[i] = type == CUDA_R_16F ? to_f16(v) : to_bf16(v);
  }
  void check(int device, const std::string& name) const {
    demand(type == CUDA_R_32F || type == CUDA_R_16F || type == CUDA_R_16BF, name + " has a type the double lacks");
    demand(rows >= 0 && cols >= 0 && lead >= std::max(1, stored_rows()), name + ": its columns overlap");
    if (rows > 0 && cols > 0) demand_on_device(data, bytes(), device, name);
  }
};

struct Product {
  Matrix a, b, c;
  float alpha, beta;
  bool tf32;

  void run() const {
    const int depth = a.cols;
    std::vector<float> left(static_cast<std::size_t>(a.rows) * static_cast<std::size_t>(depth)),
        right(static_cast<std::size_t>(depth));
    const auto rounded = [&](float v) { return tf32 ? to_tf32(v) : v; };
    for (int i = 0; i < a.rows; ++i)
      for (int k = 0; k < depth; ++k)
        left[static_cast<std::size_t>(i) * static_cast<std::size_t>(depth) + static_cast<std::size_t>(k)] =
            rounded(a.at(i, k));
    for (int j = 0; j < b.cols; ++j) {
      for (int k = 0; k < depth; ++k) right[static_cast<std::size_t>(k)] = rounded(b.at(k, j));
      for (int i = 0; i < a.rows; ++i) {
        const float* const row = left.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(depth);
        double dot = 0;
        for (std::size_t k = 0; k < right.size(); ++k) dot += static_cast<double>(row[k]) * right[k];
        const float product = alpha * static_cast<float>(dot);
        c.set(i, j, beta == 0.f ? product : product + beta * c.at(i, j));
      }
    }
  }
};

bool is_tf32(const BlasHandle& h, cublasComputeType_t compute, cudaDataType_t type) {
  return type == CUDA_R_32F && (compute == CUBLAS_COMPUTE_32F_FAST_TF32 || h.math == CUBLAS_TF32_TENSOR_OP_MATH);
}

void queue(const BlasHandle& h, const char* function, const Product& p) {
  demand(h.pointers == CUBLAS_POINTER_MODE_HOST, "the double reads alpha and beta from the host");
  p.a.check(h.device, "A");
  p.b.check(h.device, "B");
  p.c.check(h.device, "C");
  if (p.c.rows == 0 || p.c.cols == 0) return;
  world().streams.push(stream_of(h.stream), function, [h, p] {
    if (h.workspace != nullptr) std::memset(h.workspace, 0xff, std::min<std::size_t>(h.workspace_bytes, 4096));
    p.run();
  });
}

Product product(const BlasHandle& h, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k,
                const void* alpha, const void* a, cudaDataType_t type_a, int lda, const void* b, cudaDataType_t type_b,
                int ldb, const void* beta, void* c, cudaDataType_t type_c, int ldc, cublasComputeType_t compute) {
  return {{a, type_a, m, k, lda, op_a != CUBLAS_OP_N},
          {b, type_b, k, n, ldb, op_b != CUBLAS_OP_N},
          {c, type_c, m, n, ldc, false},
          *static_cast<const float*>(alpha),
          *static_cast<const float*>(beta),
          is_tf32(h, compute, type_a)};
}

}  // namespace

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  return answer_blas(__func__, CUBLAS_STATUS_NOT_INITIALIZED, [&] {
    *handle = reinterpret_cast<cublasHandle_t>(keep(new BlasHandle{current_device()}, "cublasCreate_v2"));
  });
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  return answer_blas(__func__, CUBLAS_STATUS_SUCCESS, [&] {
    forget_object(handle, "cublasCreate_v2");
    delete reinterpret_cast<BlasHandle*>(handle);
  });
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
  return answer_blas(__func__, CUBLAS_STATUS_INTERNAL_ERROR, [&] {
    stream_of(stream);
    handle_of(handle).stream = stream;
    handle_of(handle).workspace = nullptr;  // as in cuBLAS: back to its own
  });
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, std::size_t bytes) {
  return answer_blas(__func__, CUBLAS_STATUS_INTERNAL_ERROR, [&] {
    BlasHandle& h = handle_of(handle);
    demand_on_device(workspace, bytes, h.device, "the workspace");
    demand(reinterpret_cast<std::uintptr_t>(workspace) % 256 == 0, "the workspace is not aligned to 256 bytes");
    h.workspace = workspace;
    h.workspace_bytes = bytes;
  });
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
  return answer_blas(__func__, CUBLAS_STATUS_INTERNAL_ERROR, [&] { handle_of(handle).math = mode; });
}

cublasStatus_t cublasSetPointerMode_v2(cublasHandle_t handle, cublasPointerMode_t mode) {
  return answer_blas(__func__, CUBLAS_STATUS_INTERNAL_ERROR, [&] { handle_of(handle).pointers = mode; });
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k,
                            const void* alpha, const void* a, cudaDataType_t type_a, int lda, const void* b,
                            cudaDataType_t type_b, int ldb, const void* beta, void* c, cudaDataType_t type_c, int ldc,
                            cublasComputeType_t compute, cublasGemmAlgo_t) {
  return answer_blas(__func__, CUBLAS_STATUS_EXECUTION_FAILED, [&] {
    const BlasHandle& h = handle_of(handle);
    queue(h, "cublasGemmEx",
          product(h, op_a, op_b, m, n, k, alpha, a, type_a, lda, b, type_b, ldb, beta, c, type_c, ldc, compute));
  });
}

cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n,
                              int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
                              const float* beta, float* c, int ldc) {
  return answer_blas(__func__, CUBLAS_STATUS_EXECUTION_FAILED, [&] {
    const BlasHandle& h = handle_of(handle);
    queue(h, "cublasSgemm",
          product(h, op_a, op_b, m, n, k, alpha, a, CUDA_R_32F, lda, b, CUDA_R_32F, ldb, beta, c, CUDA_R_32F, ldc,
                  CUBLAS_COMPUTE_32F));
  });
}

const char* cublasGetStatusString(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "the library exited with success";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "the library was not initialized";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "an unsupported value or parameter was passed to the function";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "the function failed to launch on the GPU";
    default:
      return "an internal operation failed";
  }
}

}  // extern "C"

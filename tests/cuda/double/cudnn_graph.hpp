#pragma once
#include <array>
#include <optional>
#include <variant>
#include <vector>

#include "cuda/double/cudnn_descriptor.hpp"

/// Operation graphs as the double computes them.
namespace cuda_double {

/// A tensor of rank 4 in cuDNN's order (N, C, H, W), or (K, C, R, S) of weights.
struct Tensor {
  std::int64_t id = 0;
  std::array<std::int64_t, 4> dims{}, strides{};
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  std::int64_t alignment = 1;
  bool between = false;  ///< has no memory: passed from one node to the next

  std::size_t count() const { return static_cast<std::size_t>(dims[0] * dims[1] * dims[2] * dims[3]); }
  std::size_t element_bytes() const { return type == CUDNN_DATA_FLOAT ? 4 : 2; }
  /// Bytes from the first element to the end of the last.
  std::size_t bytes() const;
  bool operator==(const Tensor&) const = default;
};

enum class Pass { forward, backward_data, backward_weights };

struct Convolution {
  Pass pass;
  Tensor image, weights, out;
  std::array<std::int64_t, 2> pad, stride, dilation;
  float alpha, beta;

  const Tensor& result() const { return pass == Pass::forward ? out : pass == Pass::backward_data ? image : weights; }
  std::array<Tensor, 2> sources() const;
};

struct Pointwise {
  cudnnPointwiseMode_t mode;
  Tensor x;
  std::optional<Tensor> b;
  Tensor y;
};

using Node = std::variant<Convolution, Pointwise>;

/// Throws: Misuse when the sizes do not fit, Refusal for what the double cannot compute.
Node read_node(const Descriptor& descriptor);
/// Throws: Misuse when a tensor between nodes is read before it is written, or one id stands for two tensors.
std::vector<Node> read_graph(const Descriptor& graph);
/// What a node reads, and then what it writes.
std::vector<Tensor> inputs(const Node& node);
const Tensor& output(const Node& node);

/// The handle's state.
struct CudnnHandle {
  int device = 0;
  cudaStream_t stream = nullptr;
};

/// Bytes of workspace that a plan of this engine wants.
std::int64_t workspace_bytes(const EngineChoice& engine);

}  // namespace cuda_double

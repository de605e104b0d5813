#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sseg/backend/cuda/conv_problem.hpp"
#include "sseg/backend/cuda/cudnn_descriptor.hpp"

namespace sseg::cuda {

/// Numbers by which a plan knows its tensors. `image` is x or dx, `weights` w or dw, `out` y or dy.
namespace tensor_id {
inline constexpr std::int64_t image = 1, weights = 2, out = 3, bias = 4, sum = 5, biased = 6;
}

/// The operation graph of a convolution: one node, or three with bias and ReLU. Needs no device.
/// Throws: Error with cuDNN's reason when the sizes are none of a convolution.
class ConvGraph {
 public:
  /// `handle` is null when the plan is made from a DeviceDescription.
  ConvGraph(const ConvProblem& problem, cudnnHandle_t handle) : problem_(problem) {
    const bool bias = has_bias(problem.pass), relu = problem.pass == ConvPass::forward_bias_relu;
    const ConvGeometry& g = problem.g;
    const Dims out{g.n, g.o, g.out_h(), g.out_w()};
    const auto image = tensor(tensor_id::image, {g.n, g.c, g.h, g.w});
    const auto weights = tensor(tensor_id::weights, {g.o, g.c, g.kernel, g.kernel});
    const auto y = tensor(tensor_id::out, out);
    const auto sum = bias ? std::optional(tensor(tensor_id::sum, out, true)) : std::nullopt;
    nodes_.push_back(convolution(image, weights, sum ? *sum : y));
    if (bias) {
      const auto values = tensor(tensor_id::bias, {1, g.o, 1, 1});
      const auto biased = relu ? std::optional(tensor(tensor_id::biased, out, true)) : std::nullopt;
      nodes_.push_back(pointwise(CUDNN_POINTWISE_ADD, *sum, &values, biased ? *biased : y));
      if (relu) nodes_.push_back(pointwise(CUDNN_POINTWISE_RELU_FWD, *biased, nullptr, y));
    }
    std::vector<cudnnBackendDescriptor_t> raw;
    for (const CudnnDescriptor& node : nodes_) raw.push_back(node.get());
    if (handle != nullptr) graph_.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle);
    graph_.refer(CUDNN_ATTR_OPERATIONGRAPH_OPS, raw).finalize(problem.text());
  }

  const CudnnDescriptor& descriptor() const { return graph_; }

 private:
  using Dims = std::array<std::int64_t, 4>;  // (N, C, H, W), whatever the layout
  using Pair = std::array<std::int64_t, 2>;

  static cudnnDataType_t type_of(Storage s) {
    constexpr cudnnDataType_t types[]{CUDNN_DATA_FLOAT, CUDNN_DATA_HALF, CUDNN_DATA_BFLOAT16};
    return types[static_cast<int>(s)];
  }

  /// Channels innermost. A tensor between two nodes has no memory, and keeps the float it is computed in.
  CudnnDescriptor tensor(std::int64_t id, const Dims& d, bool between = false) const {
    const Dims strides{d[1] * d[2] * d[3], 1, d[1] * d[3], d[1]};
    CudnnDescriptor t(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    t.set(CUDNN_ATTR_TENSOR_DATA_TYPE, between ? CUDNN_DATA_FLOAT : type_of(problem_.storage))
        .set(CUDNN_ATTR_TENSOR_DIMENSIONS, std::span<const std::int64_t>(d))
        .set(CUDNN_ATTR_TENSOR_STRIDES, std::span<const std::int64_t>(strides))
        .set(CUDNN_ATTR_TENSOR_UNIQUE_ID, id)
        .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, between ? std::int64_t{16} : std::int64_t{problem_.alignment});
    if (between) t.set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, true);
    t.finalize(problem_.text());
    return t;
  }

  CudnnDescriptor convolution_kind() const {
    const Pair pad{problem_.g.pad, problem_.g.pad}, stride{problem_.g.stride, problem_.g.stride}, dilation{1, 1};
    CudnnDescriptor c(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    c.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT)
        .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION)
        .set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{2})
        .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, std::span<const std::int64_t>(pad))
        .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, std::span<const std::int64_t>(pad))
        .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, std::span<const std::int64_t>(dilation))
        .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, std::span<const std::int64_t>(stride))
        .finalize(problem_.text());
    return c;
  }

  /// Names of one pass's attributes.
  struct Names {
    cudnnBackendDescriptorType_t node;
    CudnnDescriptor::Name kind, image, weights, out, alpha, beta;
  };
  static constexpr Names names_of(ConvPass pass) {
    if (pass == ConvPass::backward_data)
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
    if (pass == ConvPass::backward_weights)
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
    return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
  }

  CudnnDescriptor convolution(const CudnnDescriptor& image, const CudnnDescriptor& weights,
                              const CudnnDescriptor& out) const {
    const Names n = names_of(problem_.pass);
    CudnnDescriptor node(n.node);
    node.set(n.kind, convolution_kind())
        .set(n.image, image)
        .set(n.weights, weights)
        .set(n.out, out)
        .set(n.alpha, 1.f)
        .set(n.beta, 0.f)
        .finalize(problem_.text());
    return node;
  }
  CudnnDescriptor pointwise(cudnnPointwiseMode_t mode, const CudnnDescriptor& x, const CudnnDescriptor* b,
                            const CudnnDescriptor& y) const {
    CudnnDescriptor kind(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    kind.set(CUDNN_ATTR_POINTWISE_MODE, mode)
        .set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT)
        .finalize(problem_.text());
    CudnnDescriptor node(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    node.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, kind).set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    if (b != nullptr) node.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *b);
    node.set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y).finalize(problem_.text());
    return node;
  }

  ConvProblem problem_;
  std::vector<CudnnDescriptor> nodes_;
  CudnnDescriptor graph_{CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR};
};

}  // namespace sseg::cuda

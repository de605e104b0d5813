#include "cuda/double/cudnn_graph.hpp"

#include <algorithm>

namespace cuda_double {
namespace {

[[noreturn]] void refuse(cudnnStatus_t status, std::string why) {
  throw Refusal<cudnnStatus_t>{status, std::move(why)};
}

template <std::size_t Count>
std::array<std::int64_t, Count> numbers(const Descriptor& d, cudnnBackendAttributeName_t name) {
  const std::vector<std::int64_t> v = d.values<std::int64_t>(name);
  demand(v.size() == Count, "an attribute has " + std::to_string(v.size()) + " values, not " + std::to_string(Count));
  std::array<std::int64_t, Count> out{};
  std::copy(v.begin(), v.end(), out.begin());
  return out;
}

Tensor read_tensor(const DescriptorPtr& d) {
  demand(d && d->type == CUDNN_BACKEND_TENSOR_DESCRIPTOR, "a tensor is wanted");
  Tensor t;
  t.id = d->value<std::int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID);
  t.dims = numbers<4>(*d, CUDNN_ATTR_TENSOR_DIMENSIONS);
  t.strides = numbers<4>(*d, CUDNN_ATTR_TENSOR_STRIDES);
  t.type = d->value<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE);
  t.alignment = d->value<std::int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT);
  t.between = d->value<bool>(CUDNN_ATTR_TENSOR_IS_VIRTUAL);
  if (t.type != CUDNN_DATA_FLOAT && t.type != CUDNN_DATA_HALF && t.type != CUDNN_DATA_BFLOAT16)
    refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, "the double knows float, half and bfloat16");
  if (t.alignment % (t.type == CUDNN_DATA_FLOAT ? 4 : 2) != 0)
    refuse(CUDNN_STATUS_BAD_PARAM, "the alignment of a tensor must be a multiple of its type's size");
  return t;
}

/// The attributes of a pass, in one order: kind, image, weights, out, alpha, beta.
std::array<cudnnBackendAttributeName_t, 6> names_of(Pass pass) {
  std::array<cudnnBackendAttributeName_t, 6> names{};
  constexpr cudnnBackendDescriptorType_t types[]{CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                                                 CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                                                 CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR};
  const std::span<const AttributeRule> rules = rules_of(types[static_cast<int>(pass)]);
  std::transform(rules.begin(), rules.end(), names.begin(), [](const AttributeRule& r) { return r.name; });
  return names;
}

void check_sizes(const Convolution& c) {
  const auto &x = c.image.dims, &w = c.weights.dims, &y = c.out.dims;
  demand(y[0] == x[0] && y[1] == w[0] && x[1] == w[1], "the batch or the channels of a convolution do not fit");
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t reach = c.dilation[i] * (w[2 + i] - 1) + 1;
    demand(y[2 + i] == (x[2 + i] + 2 * c.pad[i] - reach) / c.stride[i] + 1,
           "the output of a convolution has size " + std::to_string(y[2 + i]) + ", which its input does not give");
  }
}

Convolution read_convolution(const Descriptor& d, Pass pass) {
  const auto [kind, image, weights, out, alpha, beta] = names_of(pass);
  const DescriptorPtr k = d.reference(kind);
  demand(k && k->type == CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, "a convolution descriptor is wanted");
  demand(k->value<cudnnConvolutionMode_t>(CUDNN_ATTR_CONVOLUTION_CONV_MODE) == CUDNN_CROSS_CORRELATION,
         "the double correlates, it does not flip kernels");
  demand(k->value<cudnnDataType_t>(CUDNN_ATTR_CONVOLUTION_COMP_TYPE) == CUDNN_DATA_FLOAT, "the double adds in float");
  const auto before = numbers<2>(*k, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS);
  demand(before == numbers<2>(*k, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS), "the double pads both sides alike");
  Convolution c{pass,
                read_tensor(d.reference(image)),
                read_tensor(d.reference(weights)),
                read_tensor(d.reference(out)),
                before,
                numbers<2>(*k, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES),
                numbers<2>(*k, CUDNN_ATTR_CONVOLUTION_DILATIONS),
                d.value<float>(alpha, 1.f),
                d.value<float>(beta, 0.f)};
  check_sizes(c);
  return c;
}

Pointwise read_pointwise(const Descriptor& d) {
  const DescriptorPtr k = d.reference(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR);
  demand(k && k->type == CUDNN_BACKEND_POINTWISE_DESCRIPTOR, "a pointwise descriptor is wanted");
  Pointwise p{k->value<cudnnPointwiseMode_t>(CUDNN_ATTR_POINTWISE_MODE),
              read_tensor(d.reference(CUDNN_ATTR_OPERATION_POINTWISE_XDESC)),
              {},
              read_tensor(d.reference(CUDNN_ATTR_OPERATION_POINTWISE_YDESC))};
  if (const DescriptorPtr b = d.reference(CUDNN_ATTR_OPERATION_POINTWISE_BDESC)) p.b = read_tensor(b);
  const bool binary = p.mode == CUDNN_POINTWISE_ADD || p.mode == CUDNN_POINTWISE_MUL;
  if (!binary && p.mode != CUDNN_POINTWISE_RELU_FWD)
    refuse(CUDNN_STATUS_NOT_SUPPORTED, "the double adds, multiplies and takes ReLU");
  demand(binary == p.b.has_value(), "a pointwise node has the wrong number of inputs");
  demand(p.x.dims == p.y.dims, "a pointwise node changes the shape");
  if (p.b)
    for (std::size_t i = 0; i < 4; ++i)
      demand(p.b->dims[i] == 1 || p.b->dims[i] == p.x.dims[i], "the second input of a pointwise node does not fit");
  return p;
}

}  // namespace

std::size_t Tensor::bytes() const {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < 4; ++i) last += (dims[i] - 1) * strides[i];
  return static_cast<std::size_t>(last + 1) * element_bytes();
}

std::array<Tensor, 2> Convolution::sources() const {
  if (pass == Pass::forward) return {image, weights};
  if (pass == Pass::backward_data) return {out, weights};
  return {image, out};
}

Node read_node(const Descriptor& d) {
  switch (d.type) {
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
      return read_convolution(d, Pass::forward);
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
      return read_convolution(d, Pass::backward_data);
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
      return read_convolution(d, Pass::backward_weights);
    case CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR:
      return read_pointwise(d);
    default:
      throw Misuse("a node of type " + std::to_string(d.type) + " is not in the double");
  }
}

std::vector<Tensor> inputs(const Node& node) {
  if (const auto* c = std::get_if<Convolution>(&node)) {
    const auto [a, b] = c->sources();
    return {a, b};
  }
  const auto& p = std::get<Pointwise>(node);
  return p.b ? std::vector<Tensor>{p.x, *p.b} : std::vector<Tensor>{p.x};
}

const Tensor& output(const Node& node) {
  const auto* const c = std::get_if<Convolution>(&node);
  return c ? c->result() : std::get<Pointwise>(node).y;
}

std::vector<Node> read_graph(const Descriptor& graph) {
  std::vector<Node> nodes;
  std::map<std::int64_t, Tensor> known;
  std::map<std::int64_t, bool> written;
  const auto meet = [&](const Tensor& t) {
    const auto [at, fresh] = known.emplace(t.id, t);
    demand(fresh || at->second == t, "tensor id " + std::to_string(t.id) + " stands for two tensors");
  };
  for (const DescriptorPtr& d : graph.attributes.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).references) {
    nodes.push_back(read_node(*d));
    for (const Tensor& t : inputs(nodes.back())) {
      meet(t);
      demand(!t.between || written[t.id], "tensor id " + std::to_string(t.id) + " is read before it is written");
    }
    const Tensor& out = output(nodes.back());
    meet(out);
    demand(!written[out.id], "tensor id " + std::to_string(out.id) + " is written twice");
    written[out.id] = true;
  }
  return nodes;
}

}  // namespace cuda_double

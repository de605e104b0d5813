// What the double answers to heuristics and engines. It offers four engines, of which a careful caller takes the last
// for float: the first rounds to TF32, the second adds in a changing order, the third makes no plan.
#include <algorithm>

#include "cuda/double/cudnn_engines.hpp"
#include "cuda/double/cudnn_graph.hpp"

namespace cuda_double {
namespace {

bool uses(const Descriptor& graph, cudnnDataType_t type) {
  const std::vector<Node> nodes = read_graph(graph);
  return std::any_of(nodes.begin(), nodes.end(), [&](const Node& n) { return inputs(n).front().type == type; });
}

/// The card that plans are made for, or null for one that is only described.
const Card* card_of(const Descriptor& graph) {
  const auto handle = graph.value<cudnnHandle_t>(CUDNN_ATTR_OPERATIONGRAPH_HANDLE);
  if (handle == nullptr) return nullptr;
  demand_object(handle, "cudnnCreate");
  return &world().cards.at(static_cast<std::size_t>(reinterpret_cast<const CudnnHandle*>(handle)->device));
}

void check_heuristics(const Descriptor& d) {
  const DescriptorPtr graph = d.reference(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH);
  demand(graph && graph->type == CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, "an operation graph is wanted");
  const Card* const card = card_of(*graph);
  demand(card != nullptr || d.has(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP), "neither a handle nor a description of a device");
  if (card && card->major < 8 && uses(*graph, CUDNN_DATA_BFLOAT16))
    throw Refusal<cudnnStatus_t>{CUDNN_STATUS_NOT_SUPPORTED_ARCH_MISMATCH, card->name + " has no bfloat16"};
}

void check_plan(Descriptor& d) {
  const DescriptorPtr config = d.reference(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
  demand(config && config->type == CUDNN_BACKEND_ENGINECFG_DESCRIPTOR && config->engine.graph,
         "an engine configuration is wanted");
  d.engine = config->engine;
  if (d.engine.index == engine_without_plan)
    throw Refusal<cudnnStatus_t>{CUDNN_STATUS_NOT_SUPPORTED_SHARED_MEMORY_INSUFFICIENT, "this engine makes no plan"};
}

}  // namespace

bool rounds_to_tf32(const EngineChoice& engine) {
  return engine.index == engine_with_tensor_cores && uses(*engine.graph, CUDNN_DATA_FLOAT);
}

std::vector<cudnnBackendNumericalNote_t> notes_of(const EngineChoice& engine) {
  if (engine.index == engine_with_tensor_cores) {
    std::vector<cudnnBackendNumericalNote_t> notes{CUDNN_NUMERICAL_NOTE_TENSOR_CORE};
    if (rounds_to_tf32(engine)) notes.push_back(CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS);
    return notes;
  }
  if (engine.index == engine_in_any_order) return {CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC};
  return {};
}

std::int64_t workspace_bytes(const EngineChoice& engine) {
  std::int64_t bytes = 256 * (1 + engine.index);
  for (const Node& node : read_graph(*engine.graph)) bytes += 64 + 4 * output(node).dims[1];
  return bytes;
}

void check_content(Descriptor& d) {
  switch (d.type) {
    case CUDNN_BACKEND_TENSOR_DESCRIPTOR: {
      const auto dims = d.values<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
      demand(dims.size() == d.values<std::int64_t>(CUDNN_ATTR_TENSOR_STRIDES).size(),
             "sizes and strides differ in rank");
      demand(*std::min_element(dims.begin(), dims.end()) > 0, "a tensor has a size of 0");
      return;
    }
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
    case CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR:
      read_node(d);
      return;
    case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR:
      read_graph(d);
      return;
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR:
      check_heuristics(d);
      return;
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR:
      check_plan(d);
      return;
    case CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR:
      demand(d.values<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS).size() ==
                 d.values<std::int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS).size(),
             "a variant pack has as many pointers as ids");
      return;
    default:
      return;
  }
}

}  // namespace cuda_double

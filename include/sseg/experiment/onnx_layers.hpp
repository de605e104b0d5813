#pragma once
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/io/onnx_model.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/layer/l2_normalize.hpp"
#include "sseg/layer/linear.hpp"
#include "sseg/layer/max_pool.hpp"
#include "sseg/layer/norm_relu_pool.hpp"
#include "sseg/layer/relu.hpp"
#include "sseg/net/chain.hpp"
#include "sseg/net/param_store.hpp"
#include "sseg/net/residual.hpp"
#include "sseg/net/stack.hpp"
#include "sseg/train/layout.hpp"

namespace sseg {

/// Adds layers to an ONNX model as they compute in evaluation mode. Between them maps are (N, C, H, W), as ONNX wants;
/// `Flatten` brings them to our order (N, H, W, C) first, so that a row means the same here and there.
class OnnxLayers {
 public:
  /// Values are those of `store`; tensors get the name that `names` has for their key, others keep the key.
  OnnxLayers(OnnxModel& model, const ParamStore<float>& store, std::map<std::string, std::string> names = {})
      : model_(&model), store_(&store), names_(std::move(names)) {}

  /// y = layer(x), where the layer's keys begin with `key`; x and what is returned are names of values.
  std::string add(const Conv2d& l, const std::string& key, const std::string& x) {
    return model_->node("Conv", {x, tensor(key + "/weight")},
                        {{"kernel_shape", std::vector{l.kernel, l.kernel}},
                         {"strides", std::vector{l.stride, l.stride}},
                         {"pads", std::vector{l.pad, l.pad, l.pad, l.pad}}});
  }
  std::string add(const NormReluPool& l, const std::string& key, const std::string& x) {
    std::string y = model_->node(
        "BatchNormalization",
        {x, tensor(key + "/gamma"), tensor(key + "/beta"), tensor(key + "/running_mean"), tensor(key + "/running_var")},
        {{"epsilon", l.eps}});
    if (l.relu) y = model_->node("Relu", {y});
    return l.pool > 1 ? add(MaxPool{l.pool}, key, y) : y;
  }
  std::string add(const MaxPool& l, const std::string&, const std::string& x) {
    return model_->node("MaxPool", {x},
                        {{"kernel_shape", std::vector{l.size, l.size}}, {"strides", std::vector{l.size, l.size}}});
  }
  std::string add(const Relu&, const std::string&, const std::string& x) { return model_->node("Relu", {x}); }
  std::string add(const Flatten&, const std::string&, const std::string& x) {
    return model_->node("Flatten", {model_->node("Transpose", {x}, {{"perm", std::vector<Index>{0, 2, 3, 1}}})},
                        {{"axis", Index{1}}});
  }
  std::string add(const GlobalPool&, const std::string&, const std::string& x) {
    return model_->node("Flatten", {model_->node("GlobalAveragePool", {x})}, {{"axis", Index{1}}});
  }
  std::string add(const Linear&, const std::string& key, const std::string& x) {
    return model_->node("Gemm", {x, tensor(key + "/weight"), tensor(key + "/bias")}, {{"transB", Index{1}}});
  }
  std::string add(const L2Normalize& l, const std::string& key, const std::string& x) {
    const std::string least = key + "/eps";
    model_->constant(least, std::vector<Index>{1}, std::span(&l.eps, 1));
    const std::string length = model_->node("ReduceL2", {x}, {{"axes", std::vector<Index>{1}}, {"keepdims", Index{1}}});
    return model_->node("Div", {x, model_->node("Max", {length, least})});
  }
  template <class F>
  std::string add(const Residual<F>& l, const std::string& key, const std::string& x) {
    return model_->node("Add", {x, add(l.inner, key, x)});
  }
  template <class Block>
  std::string add(const Stack<Block>& l, const std::string& key, std::string x) {
    for (const auto& slot : l.slots) {
      const std::string at = key + "/#" + std::to_string(slot.id);
      x = add(slot.block, at, x);
    }
    return x;
  }
  template <class... Ls>
  std::string add(const Chain<Ls...>& l, const std::string& key, std::string x) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((x = add(std::get<I>(l.layers), key + "/" + std::to_string(I), x)), ...);
    }
    (std::index_sequence_for<Ls...>{});
    return x;
  }

 private:
  /// The constant that holds a tensor of the store, in PyTorch's order.
  std::string tensor(const std::string& key) {
    const auto& e = store_->at(key);
    const auto values = to_file_order(e.desc, store_->values(e).data());
    const auto found = names_.find(key);
    const std::string& name = found == names_.end() ? key : found->second;
    model_->constant(name, file_shape(e.desc), std::span(values.data(), values.size()));
    return name;
  }

  OnnxModel* model_;
  const ParamStore<float>* store_;
  std::map<std::string, std::string> names_;
};

}  // namespace sseg

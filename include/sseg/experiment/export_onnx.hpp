#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sseg/experiment/class_means.hpp"
#include "sseg/experiment/export_names.hpp"
#include "sseg/experiment/onnx_layers.hpp"
#include "sseg/io/onnx_model.hpp"
#include "sseg/train/checkpoint.hpp"

namespace sseg {

namespace detail {

/// embedding = features less their mean, times W at each place of the map, to unit length, as `centre_rows` and
/// `whiten_rows` do; what the checkpoint does not know is left out. A feature of zeros stays zeros.
inline std::string add_embedding(OnnxModel& model, const BaseStatistics& base, std::string x, Index dim) {
  if (!base.mean.empty()) {
    model.constant("base_mean", {dim}, base.mean);
    x = model.node("Sub", {x, "base_mean"});
  }
  if (!base.whitening.empty()) {
    const Index c = base.channels();
    std::vector<float> transposed(base.whitening.size());
    for (Index i = 0; i < c; ++i)
      for (Index j = 0; j < c; ++j) transposed[to_size(j * c + i)] = base.whitening[to_size(i * c + j)];
    model.constant("base_whitening_transposed", {c, c}, transposed);
    model.constant("map_shape", {OnnxModel::any, dim / c, c});
    model.constant("row_shape", {OnnxModel::any, dim});
    x = model.node("MatMul", {model.node("Reshape", {x, "map_shape"}), "base_whitening_transposed"});
    x = model.node("Reshape", {x, "row_shape"});
  }
  constexpr std::array least{1e-30f};
  model.constant("shortest", std::vector<Index>{1}, least);
  const std::string length = model.node("ReduceL2", {x}, {{"axes", std::vector<Index>{1}}, {"keepdims", Index{1}}});
  return model.node("Div", {x, model.node("Max", {length, "shortest"})}, {}, "embedding");
}

/// scores = embedding · (unit class means)ᵀ.
inline void add_scores(OnnxModel& model, const ClassMeans& classes, Index dim) {
  const auto count = static_cast<Index>(classes.names.size());
  require(classes.rows.dim == dim && classes.rows.size() == count && count > 0,
          "the class means are of other features than the net's", "export_onnx",
          "make them with the same checkpoint (class_means)");
  std::vector<float> transposed(to_size(dim * count));
  for (Index k = 0; k < count; ++k)
    for (Index d = 0; d < dim; ++d) transposed[to_size(d * count + k)] = classes.rows.rows[k * dim + d];
  model.constant("class_means_transposed", {dim, count}, transposed);
  model.node("MatMul", {"embedding", "class_means_transposed"}, {}, "scores");
  model.output("scores", {OnnxModel::any, count});
  model.metadata("classes", to_text(Json(classes.names)));
}

}  // namespace detail

/// The teacher's backbone of a checkpoint as an ONNX model, in evaluation mode.
///   images     (N, H, W, C)  floats in [0, 1], framed as training frames them; drawings: ink 1 on paper 0
///   features   (N, D)        what the net makes of them, as `Embedder` does
///   embedding  (N, D)        centred and whitened where the checkpoint knows how, unit length: compare by cosine
///   scores     (N, K)        with `classes`: the cosine of the embedding and each class's mean
/// Throws: Error when `classes` are of other features, or a text is not UTF-8.
template <class Net>
OnnxModel export_onnx(const Checkpoint<Net>& c, const std::optional<ClassMeans>& classes = std::nullopt) {
  const auto& cnn = backbone(c.state.model.net);
  const Index dim = feature_count(cnn, c.image);
  OnnxModel model("sseg");
  model.input("images", {OnnxModel::any, c.image[0], c.image[1], c.image[2]});
  const std::string maps = model.node("Transpose", {"images"}, {{"perm", std::vector<Index>{0, 3, 1, 2}}});
  OnnxLayers layers(model, c.state.model.teacher, export_names(cnn));
  model.node("Identity", {layers.add(cnn, "net/0", maps)}, {}, "features");
  detail::add_embedding(model, c.base, "features", dim);
  model.output("features", {OnnxModel::any, dim});
  model.output("embedding", {OnnxModel::any, dim});
  if (classes) detail::add_scores(model, *classes, dim);
  model.metadata("net", describe(cnn));
  model.metadata("input", "NHWC, floats in [0, 1]; drawings: ink 1 on paper 0");
  model.metadata("config", to_text(c.config));
  return model;
}

}  // namespace sseg

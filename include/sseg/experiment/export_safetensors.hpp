#pragma once
#include <optional>
#include <span>
#include <string>

#include "sseg/experiment/class_means.hpp"
#include "sseg/experiment/export_names.hpp"
#include "sseg/io/safetensors.hpp"
#include "sseg/train/checkpoint.hpp"
#include "sseg/train/layout.hpp"

namespace sseg {

/// The weights of a checkpoint's teacher alone, for other programs: the backbone's tensors under `export_names`, in
/// PyTorch's order (OIHW); `base_mean` (D) and `base_whitening` (C, C) where they are known; with `classes` also
/// `class_means` (K, D). A feature's D values lie in the order H, W, C. Metadata: `format` "pt" (PyTorch's order),
/// `genome`, `config`, and `classes`, a JSON list.
template <class Net>
SafeTensors export_safetensors(const Checkpoint<Net>& c, const std::optional<ClassMeans>& classes = std::nullopt) {
  const auto& cnn = backbone(c.state.model.net);
  SafeTensors file;
  for (const auto& [key, name] : export_names(cnn)) {
    const auto& store = c.state.model.teacher;
    const auto& e = store.at(key);
    const auto values = to_file_order(e.desc, store.values(e).data());
    file.put(name, file_shape(e.desc), std::span(values.data(), values.size()));
  }
  if (!c.base.mean.empty()) file.put("base_mean", {feature_count(cnn, c.image)}, std::span(c.base.mean));
  if (!c.base.whitening.empty())
    file.put("base_whitening", {c.base.channels(), c.base.channels()}, std::span(c.base.whitening));
  file.metadata = {{"format", "pt"},
                   {"genome", to_text(fields_to_json(genome_of(c.state.model.net, c.image)))},
                   {"config", to_text(c.config)}};
  if (classes) {
    file.put("class_means", {classes->rows.size(), classes->rows.dim}, classes->rows.rows.span());
    file.metadata["classes"] = to_text(Json(classes->names));
  }
  return file;
}

}  // namespace sseg

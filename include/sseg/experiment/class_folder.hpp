#pragma once
#include <filesystem>
#include <utility>

#include "sseg/experiment/class_means.hpp"
#include "sseg/experiment/evaluation_picture.hpp"
#include "sseg/experiment/picture_features.hpp"
#include "sseg/experiment/query_pictures.hpp"
#include "sseg/train/checkpoint.hpp"

namespace sseg {

/// The class means of the pictures in a folder or archive with one folder for each class, prepared as evaluation
/// prepares them. Throws: Error when they cannot be read.
template <class B, class Net>
ClassMeans class_folder(B& backend, const Checkpoint<Net>& checkpoint, RunConfig c,
                        const std::filesystem::path& folder) {
  c.evaluation.copies = 0;
  c.evaluation.match = "mean";
  const Images pictures = load_examples(folder, c, evaluation_shape(c, checkpoint.image[2]));
  const auto& model = checkpoint.state.model;
  PictureFeatures seen =
      picture_features(backend, backbone(model.net), model.teacher, pictures, c, Rng(c.seed), checkpoint.base);
  Features& best = !seen.whitened.rows.span().empty()  ? seen.whitened
                   : !seen.centred.rows.span().empty() ? seen.centred
                                                       : seen.plain;
  return class_means(pictures.classes, pictures.label, std::move(best));
}

}  // namespace sseg

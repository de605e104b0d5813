#pragma once
#include <filesystem>
#include <utility>

#include "sseg/experiment/class_means.hpp"
#include "sseg/experiment/load_images.hpp"
#include "sseg/experiment/picture_features.hpp"
#include "sseg/train/checkpoint.hpp"

namespace sseg {

/// The class means of the pictures in a folder or archive with one folder for each class. Drawings are black on white
/// in files, and ink 1 on paper 0 for a net that was trained on Omniglot. Throws: Error when they cannot be read.
template <class B, class Net>
ClassMeans class_folder(B& backend, const Checkpoint<Net>& checkpoint, RunConfig c,
                        const std::filesystem::path& folder) {
  c.evaluation.copies = 0;
  c.evaluation.match = "mean";
  c.data.channels = checkpoint.image[2];
  Images pictures = to_float(detail::folder_images(c.data, folder, true));
  if (c.data.source == "omniglot")
    for (float& v : pictures.pixels.span()) v = 1 - v;
  const auto& model = checkpoint.state.model;
  PictureFeatures seen =
      picture_features(backend, backbone(model.net), model.teacher, pictures, c, Rng(c.seed), checkpoint.base);
  Features& best = !seen.whitened.rows.span().empty()  ? seen.whitened
                   : !seen.centred.rows.span().empty() ? seen.centred
                                                       : seen.plain;
  return class_means(pictures.classes, pictures.label, std::move(best));
}

}  // namespace sseg

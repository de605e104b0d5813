#pragma once
#include <utility>

#include "sseg/core/error.hpp"
#include "sseg/data/images.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/fewshot/knn_accuracy.hpp"

namespace sseg {

/// A number to watch a run by: the share of labelled pictures whose class their nearest neighbours among the others
/// tell (`knn_accuracy`), undistorted, in evaluation mode. It decides nothing and draws nothing.
class KnnProbe {
 public:
  /// `images` as the net reads them. Throws: Error when they have no labels.
  explicit KnnProbe(Images images, const NearestNeighbours& by = {.k = 20}) : images_(std::move(images)), by_(by) {
    require(!images_.label.empty(), "the pictures have no labels, and the accuracy of neighbours needs them",
            "data.knn_images", "set it to 0, or train on pictures that have labels");
  }

  Index size() const { return images_.size(); }

  /// Share in 0 … 1 for the features that `net` makes; the same for any number of threads.
  template <class B, class Net>
  double measure(B& backend, const Net& net, const ParamStore<typename B::Scalar>& store) const {
    return knn_accuracy(backend.threads(), Embedder<B>(backend).embed(net, store, images_), images_.label, by_);
  }

 private:
  Images images_;
  NearestNeighbours by_;
};

}  // namespace sseg

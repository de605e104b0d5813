#pragma once
#include "sseg/data/images.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/fewshot/picture_features.hpp"
#include "sseg/fewshot/within_class_whitening.hpp"

namespace sseg {

/// The features by which a run's evaluation knows pictures (maybe larger than what the net reads): of the framed
/// picture alone, of it and its augmented copies side by side (`evaluation.match` best), or the mean over these.
template <class B, class Net>
PictureFeatures picture_features(B& backend, const Net& net, const ParamStore<float>& store, const Images& images,
                                 const RunConfig& c, const Rng& rng, const BaseStatistics& base = {}) {
  return picture_features(backend, net, store, images, main_frame(c), mild_augment(c),
                          PictureCopies{c.evaluation.copies, !best_match(c.evaluation)}, rng, base);
}

/// What a run's evaluation may know of the run's training images, by the net `net` with weights `store`.
template <class B, class Net, Dataset D>
BaseStatistics base_statistics(B& backend, const Net& net, const ParamStore<float>& store, const D& training,
                               const RunConfig& c) {
  BaseStatistics base;
  base.mean = Embedder<B>(backend).embed_view(net, store, training, main_frame(c), 0, Rng(c.seed)).mean();
  if (c.evaluation.whitening.images > 0)
    base.whitening = within_class_whitening(backend, net, store, training, main_augment(c), feature_channels(net),
                                            c.evaluation.whitening, Rng(c.seed).split("whitening"));
  return base;
}

}  // namespace sseg

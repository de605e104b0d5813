#pragma once
#include "sseg/data/images.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/fewshot/embed.hpp"

namespace sseg {

/// The features by which a run's evaluation knows pictures (maybe larger than what the net reads): of the framed
/// picture alone, of it and its augmented copies side by side (`evaluation.match` best), or the mean over these.
template <class B, class Net>
Features picture_features(Embedder<B>& embedder, const Net& net, const ParamStore<float>& store, const Images& images,
                          const RunConfig& c, const Rng& rng) {
  const EvaluationConfig& e = c.evaluation;
  if (e.copies == 0) return embedder.embed(net, store, framed(images, main_frame(c)));
  return best_match(e) ? embedder.embed_copies(net, store, images, main_frame(c), mild_augment(c), e.copies, rng)
                       : embedder.embed_averaged(net, store, images, main_frame(c), mild_augment(c), e.copies, rng);
}

}  // namespace sseg

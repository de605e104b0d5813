#pragma once
#include <vector>

#include "sseg/fewshot/evaluate.hpp"

namespace sseg {

/// What a protocol says of one episode, for people to look at.
struct EpisodeOutcome {
  Episode episode{};               ///< the images: support and queries, class by class
  std::vector<Index> predicted{};  ///< per query, the class 0 … way − 1 of highest score; `episode.true_class` is right
  std::vector<float> scores{};  ///< (queries, way), in the protocol's own unit

  bool right(Index q) const { return predicted[to_size(q)] == episode.true_class(q); }
  double accuracy() const {
    Index correct = 0;
    for (Index q = 0; q < static_cast<Index>(predicted.size()); ++q) correct += right(q);
    return predicted.empty() ? 0 : static_cast<double>(correct) / static_cast<double>(predicted.size());
  }
};

/// The episode as `episode_accuracy` counts it.
template <Protocol P>
EpisodeOutcome episode_outcome(const P& protocol, const Features& features, Episode episode) {
  EpisodeClassifier classifier;
  const View<const float> scores = classifier.scores(protocol, features, episode);
  EpisodeOutcome outcome{std::move(episode), {}, {scores.flat().begin(), scores.flat().end()}};
  for (Index q = 0; q < scores.shape[0]; ++q) outcome.predicted.push_back(EpisodeClassifier::best_class(scores, q));
  return outcome;
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/fewshot/episode.hpp"
#include "sseg/fewshot/features.hpp"
#include "sseg/fewshot/metrics.hpp"

namespace sseg {

/// Classifies the queries of one episode after another in memory that is used again.
class EpisodeClassifier {
 public:
  /// Scores:(queries, way) of the episode's queries; they live until the next call.
  template <Protocol P>
  View<const float> scores(const P& protocol, const Features& features, const Episode& e) {
    features.gather(e.support, support_);
    features.gather(e.query, query_);
    const auto supports = static_cast<Index>(e.support.size()), queries = static_cast<Index>(e.query.size());
    label_.resize(e.support.size());
    for (Index i = 0; i < supports; ++i) label_[to_size(i)] = i / e.shape.shot;
    scores_.resize(to_size(queries * e.shape.way));
    const View<float> to{scores_.data(), {queries, e.shape.way}};
    protocol.classify(
        {{support_.data(), {supports, features.dim}}, label_, e.shape.way, {query_.data(), {queries, features.dim}}},
        to);
    return to;
  }
  /// The class of highest score for query `q` of scores; ties go to the lowest class.
  static Index best_class(View<const float> scores, Index q) {
    const float* const row = scores.data + q * scores.shape[1];
    return std::max_element(row, row + scores.shape[1]) - row;
  }
  /// Share of the episode's queries whose highest score is the true class.
  template <Protocol P>
  double accuracy(const P& protocol, const Features& features, const Episode& e) {
    const View<const float> all = scores(protocol, features, e);
    Index correct = 0;
    for (Index q = 0; q < all.shape[0]; ++q) correct += best_class(all, q) == e.true_class(q);
    return static_cast<double>(correct) / static_cast<double>(all.shape[0]);
  }

 private:
  Buffer<float> support_, query_;
  std::vector<Index> label_;
  std::vector<float> scores_;
};

/// Share of an episode's queries whose highest score is the true class; ties go to the lowest class.
template <Protocol P>
double episode_accuracy(const P& protocol, const Features& features, const Episode& e) {
  return EpisodeClassifier().accuracy(protocol, features, e);
}

/// As `episode_accuracies` below, of the episodes `mine` alone; 0 in the places of the others, which somebody else may
/// have.
template <Protocol P>
std::vector<double> episode_accuracies(Threads& threads, const P& protocol, const Features& features,
                                       const EpisodeSampler& sampler, Index episodes, Range mine, const Rng& stream) {
  std::vector<EpisodeClassifier> classifier(to_size(threads.count()));
  std::vector<double> accuracy(to_size(episodes));
  threads.run(mine.size(), [&](Index i, int worker) {
    const Index e = mine.begin + i;
    accuracy[to_size(e)] = classifier[to_size(worker)].accuracy(protocol, features, sampler.draw(stream, e));
  });
  return accuracy;
}

/// Accuracy of each of `episodes` episodes (values in 0 … 1), in order: two models evaluated with the same stream see
/// the same episodes, so their lists may be compared pair by pair.
template <Protocol P>
std::vector<double> episode_accuracies(Threads& threads, const P& protocol, const Features& features,
                                       const EpisodeSampler& sampler, Index episodes, const Rng& stream) {
  return episode_accuracies(threads, protocol, features, sampler, episodes, {0, episodes}, stream);
}

}  // namespace sseg

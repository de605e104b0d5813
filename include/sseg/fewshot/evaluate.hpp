#pragma once
#include <algorithm>
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/fewshot/episode.hpp"
#include "sseg/fewshot/features.hpp"
#include "sseg/fewshot/metrics.hpp"

namespace sseg {

/// Share of an episode's queries whose highest score is the true class; ties go to the lowest class.
template <Protocol P>
double episode_accuracy(const P& protocol, const Features& features, const Episode& e) {
  Buffer<float> support, query;
  features.gather(e.support, support);
  features.gather(e.query, query);
  const auto queries = static_cast<Index>(e.query.size());
  std::vector<Index> label(e.support.size());
  for (std::size_t i = 0; i < label.size(); ++i) label[i] = static_cast<Index>(i) / e.shape.shot;
  std::vector<float> scores(to_size(queries * e.shape.way));
  protocol.classify({{support.data(), {static_cast<Index>(e.support.size()), features.dim}},
                     label,
                     e.shape.way,
                     {query.data(), {queries, features.dim}}},
                    {scores.data(), {queries, e.shape.way}});
  Index correct = 0;
  for (Index q = 0; q < queries; ++q) {
    const auto* row = scores.data() + q * e.shape.way;
    correct += std::max_element(row, row + e.shape.way) - row == e.true_class(q);
  }
  return static_cast<double>(correct) / static_cast<double>(queries);
}

/// Accuracy of each of `episodes` episodes (values in 0 … 1), in order: two models evaluated with the same stream see
/// the same episodes, so their lists may be compared pair by pair.
template <Protocol P>
std::vector<double> episode_accuracies(Threads& threads, const P& protocol, const Features& features,
                                       const EpisodeSampler& sampler, Index episodes, const Rng& stream) {
  std::vector<double> accuracy(to_size(episodes));
  threads.run(episodes,
              [&](Index i) { accuracy[to_size(i)] = episode_accuracy(protocol, features, sampler.draw(stream, i)); });
  return accuracy;
}

}  // namespace sseg

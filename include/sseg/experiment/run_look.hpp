#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sseg/data/images.hpp"
#include "sseg/fewshot/confusion_counts.hpp"
#include "sseg/fewshot/episode_outcome.hpp"
#include "sseg/fewshot/principal_axes.hpp"
#include "sseg/fewshot/tsne.hpp"
#include "sseg/io/picture.hpp"

namespace sseg {

/// How a net sees some pictures of classes that it was not trained on.
struct ClassesSeen {
  Images images{};  ///< as the net reads them, labels 0 … classes − 1
  std::string split{};
  PrincipalAxes map{};            ///< their features
  std::optional<TsneMap> tsne{};  ///< and these by t-SNE, where it was asked for
  EpisodeOutcome episode{};
  Index episodes = 0;  ///< that the confusions are counted over
  ConfusionCounts confusion{};
};

/// What is to be seen of a run beside its numbers; what could not be had is named in `missing`, with its cure.
struct RunLook {
  std::string net{};                     ///< "32+1 > 48", as it is now
  std::string first_net{};               ///< as it began; empty: not known
  std::optional<Picture> views{};        ///< `sample_views`
  std::vector<Picture> levels{};         ///< of a curriculum: some pictures of each level side by side
  std::optional<ClassesSeen> classes{};  ///< by the teacher
  std::vector<std::string> missing{};
};

}  // namespace sseg

#pragma once
#include <algorithm>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/fewshot/evaluate.hpp"

namespace sseg {

/// How often images of each class were taken for each class, over many episodes.
struct ConfusionCounts {
  Index classes = 0;
  std::vector<Index> count{};  ///< (true class, predicted class), the labels of the images
  std::vector<Index>
      met{};  ///< (true class, other class): queries of the first in whose episode the other was a choice

  Index at(Index truth, Index predicted) const { return count[to_size(truth * classes + predicted)]; }
  /// Share of the queries of `truth` that were taken for `predicted` where that was a choice; 0 where it never was.
  double share(Index truth, Index predicted) const {
    const Index chances = met[to_size(truth * classes + predicted)];
    return chances == 0 ? 0 : static_cast<double>(at(truth, predicted)) / static_cast<double>(chances);
  }
};

/// Counts over the episodes that `episode_accuracies` sees with the same arguments. `label`: of the images, as the
/// sampler was given them. The same for any number of threads. Throws: Error when images and labels differ in number,
/// or there are more than 4096 classes.
template <Protocol P>
ConfusionCounts confusion_counts(Threads& threads, const P& protocol, const Features& features,
                                 const std::vector<Index>& label, const EpisodeSampler& sampler, Index episodes,
                                 const Rng& stream) {
  require(!label.empty() && static_cast<Index>(label.size()) == features.size(), "images and labels differ in number",
          "confusion_counts", "give the labels of the images whose features these are");
  const Index classes = *std::max_element(label.begin(), label.end()) + 1;
  require(classes >= 1 && classes <= 4096, "a table of so many classes cannot be read", "confusion_counts",
          "give images of 1 to 4096 classes");
  const ConfusionCounts none{classes, std::vector<Index>(to_size(classes * classes)),
                             std::vector<Index>(to_size(classes * classes))};
  std::vector<ConfusionCounts> part(to_size(threads.count()), none);  // whole numbers: any order gives the same sum
  std::vector<EpisodeClassifier> classifier(part.size());
  threads.run(episodes, [&](Index i, int worker) {
    const Episode e = sampler.draw(stream, i);
    const View<const float> scores = classifier[to_size(worker)].scores(protocol, features, e);
    const auto class_of = [&](Index k) { return label[to_size(e.support[to_size(k * e.shape.shot)])]; };
    ConfusionCounts& counts = part[to_size(worker)];
    for (Index q = 0; q < scores.shape[0]; ++q) {
      const Index row = class_of(e.true_class(q)) * classes;
      ++counts.count[to_size(row + class_of(EpisodeClassifier::best_class(scores, q)))];
      for (Index k = 0; k < e.shape.way; ++k) ++counts.met[to_size(row + class_of(k))];
    }
  });
  ConfusionCounts all = none;
  for (const ConfusionCounts& p : part)
    for (std::size_t c = 0; c < all.count.size(); ++c) all.count[c] += p.count[c], all.met[c] += p.met[c];
  return all;
}

}  // namespace sseg

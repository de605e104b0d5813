#pragma once
#include <string>
#include <vector>

#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/few_shot_report.hpp"
#include "sseg/experiment/picture_features.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// What is evaluated, before the accuracy: as `evaluation` of the configuration says, in episodes of its seed.
inline FewShotRow few_shot_about(const std::string& net, const LabelledImages& on, const RunConfig& c) {
  const EvaluationConfig& e = c.evaluation;
  return {.net = net,
          .dataset = on.images.name,
          .split = on.split,
          .copies = e.copies,
          .best_match = best_match(e),
          .way = e.way,
          .query = e.query,
          .episodes = e.episodes,
          .seed = c.seed};
}

/// Few-shot accuracies of a state's teacher, episode by episode, under every protocol that `base` allows; within groups
/// (alphabets, levels) where the images have any. The same `on` and configuration give the same episodes for any net.
template <class B, class Net>
std::vector<FewShotAccuracies> evaluate_state(B& backend, const TrainState<Net, float>& state,
                                              const BaseStatistics& base, const LabelledImages& on, const RunConfig& c,
                                              const std::string& net) {
  const PictureFeatures features = picture_features(backend, backbone(state.model.net), state.model.teacher, on.images,
                                                    c, Rng(c.seed).split("copies"), base);
  return few_shot_accuracies(backend.threads(), features, on.images, few_shot_about(net, on, c),
                             !on.images.group.empty());
}

}  // namespace sseg

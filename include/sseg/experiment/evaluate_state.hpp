#pragma once
#include <string>
#include <vector>

#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/few_shot_report.hpp"
#include "sseg/experiment/net_protocols.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// Few-shot accuracies of a state's teacher, episode by episode, under every protocol that the configuration names and
/// `base` allows. The same `on` and configuration give the same episodes for any net.
template <class B, class Net>
std::vector<FewShotAccuracies> evaluate_state(B& backend, const TrainState<Net, float>& state,
                                              const BaseStatistics& base, const LabelledImages& on, const RunConfig& c,
                                              const std::string& net) {
  const NetProtocols<B> protocols(backend, backbone(state.model.net), state.model.teacher, on.images, c, base);
  return few_shot_accuracies(backend.threads(), protocols, on.images,
                             row_about(c.evaluation, c.seed, net, on.images.name, on.split));
}

}  // namespace sseg

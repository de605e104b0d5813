#pragma once
#include <map>
#include <string>
#include <utility>

#include "sseg/evolve/learner.hpp"
#include "sseg/net/evolvable_cnn.hpp"

namespace sseg {

/// The names by which other programs know a backbone's tensors, for each key of the learner's store: those that PyTorch
/// would give. `stages.0.conv.weight`, `stages.0.norm.weight` (γ), `.bias` (β), `.running_mean`, `.running_var`;
/// `stages.0.blocks.0.conv.weight` … of the residual blocks. Numbers are places, in order; ids do not appear.
template <class Readout>
std::map<std::string, std::string> export_names(const EvolvableCnn<Readout>& cnn) {
  std::map<std::string, std::string> names;
  const auto add = [&](const std::string& key, const std::string& name) {
    names[key + "/0/weight"] = name + ".conv.weight";
    for (const auto& [ours, theirs] : {std::pair{"gamma", "weight"},
                                       {"beta", "bias"},
                                       {"running_mean", "running_mean"},
                                       {"running_var", "running_var"}})
      names[key + "/1/" + ours] = name + ".norm." + theirs;
  };
  for (Index s = 0; s < stages(cnn).size(); ++s) {
    const auto& stage = stages(cnn).slots[to_size(s)];
    const std::string name = "stages." + std::to_string(s);
    add(stage_key(stage.id) + "/0", name);
    const auto& blocks = residuals(stage.block);
    for (Index b = 0; b < blocks.size(); ++b)
      add(residual_key(stage.id, blocks.slots[to_size(b)].id) + "/0", name + ".blocks." + std::to_string(b));
  }
  return names;
}

}  // namespace sseg

#pragma once
#include <algorithm>
#include <memory>

#include "sseg/core/error.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/param_store.hpp"

namespace sseg {

/// A net cut before its last stage: what is computed once for every picture, and what may be trained on few of them.
/// Owns a copy of the last stage's weights; the net's own are never touched.
template <class T>
struct LastStage {
  EvolvableCnn<Flatten>
      trunk;  ///< all stages but the last; runs on the whole net's store; of a net of one stage: nothing
  EvolvableCnn<Flatten> stage;  ///< the last one and the readout
  Shape map;                    ///< (H, W, C), what the last stage reads of one picture
  Buffer<T> value, state;       ///< of the last stage

  Index dim() const { return map.count(); }
  Index features() const { return stage.out_shape({1, map[0], map[1], map[2]}).count(); }
};

/// `image`: (H, W, C), what the net reads. `store` may hold more behind the net's own. Throws: Error when the net has
/// no stage or does not fit the image.
template <class T>
std::shared_ptr<const LastStage<T>> last_stage(const EvolvableCnn<Flatten>& net, const ParamStore<float>& store,
                                               Shape image) {
  require(stages(net).size() >= 1, "the net has no stage", "last_stage", "give a net of one stage or more");
  LastStage<T> cut{net, net, {}, {}, {}};
  auto& before = stages(cut.trunk).slots;
  auto& last = stages(cut.stage).slots;
  before.pop_back();
  last.erase(last.begin(), last.end() - 1);
  const Shape map = stages(cut.trunk).out_shape({1, image[0], image[1], image[2]});
  cut.map = {map[1], map[2], map[3]};
  cut.features();  // throws when they do not fit
  // A net's parameters lie in the order of its parts, so the last stage's follow those of the trunk.
  cut.value.resize(cut.stage.param_count());
  cut.state.resize(cut.stage.state_count());
  require(store.value.size() >= net.param_count() && store.state.size() >= net.state_count(),
          "the store is not this net's", "last_stage", "give the store of the same model");
  std::copy_n(store.value.data() + cut.trunk.param_count(), cut.value.size(), cut.value.data());
  std::copy_n(store.state.data() + cut.trunk.state_count(), cut.state.size(), cut.state.data());
  return std::make_shared<const LastStage<T>>(std::move(cut));
}

}  // namespace sseg

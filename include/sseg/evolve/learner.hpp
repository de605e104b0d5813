#pragma once
#include <string>

#include "sseg/head/projection_head.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/param_store.hpp"

namespace sseg {

/// What is trained and grown: a growable backbone and the projector on its output, one layer. The backbone's
/// parameters and state come first in the store, so the backbone alone runs on the same store.
template <class Readout = Flatten>
using Learner = Chain<EvolvableCnn<Readout>, ProjectionHead>;

template <class Readout>
constexpr EvolvableCnn<Readout>& backbone(Learner<Readout>& net) {
  return std::get<0>(net.layers);
}
template <class Readout>
constexpr const EvolvableCnn<Readout>& backbone(const Learner<Readout>& net) {
  return std::get<0>(net.layers);
}
template <class Readout>
constexpr ProjectionHead& head(Learner<Readout>& net) {
  return std::get<1>(net.layers);
}

/// Keys of a learner's parts in its store.
inline std::string stage_key(Index id) { return "net/0/0/#" + std::to_string(id); }
inline std::string residual_key(Index stage, Index block) { return stage_key(stage) + "/1/#" + std::to_string(block); }
inline const std::string& projector_key() {
  static const std::string key = "net/1/0";
  return key;
}

/// A learner with a projector that fits the backbone's output for images (H, W, C).
template <class Readout>
constexpr Learner<Readout> make_learner(EvolvableCnn<Readout> cnn, Shape image, Index hidden, Index out) {
  const Shape row = cnn.out_shape({1, image[0], image[1], image[2]});
  return chain(std::move(cnn), projection_head(row.count(), hidden, out));
}

}  // namespace sseg

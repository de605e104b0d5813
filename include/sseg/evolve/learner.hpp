#pragma once
#include <string>

#include "sseg/head/entry.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/param_store.hpp"
#include "sseg/ssl/objective.hpp"

namespace sseg {

/// What is trained and grown: a growable backbone and what reads it, one layer. `Head` is a Chain that begins with a
/// Linear, or several such as `Heads<Tasks...>`. The backbone's parameters and state come first in the store, so the
/// backbone alone runs on the same store.
template <class Readout = Flatten, class Head = ProjectionHead>
using Learner = Chain<EvolvableCnn<Readout>, Head>;

template <class Readout, class Head>
constexpr EvolvableCnn<Readout>& backbone(Learner<Readout, Head>& net) {
  return std::get<0>(net.layers);
}
template <class Readout, class Head>
constexpr const EvolvableCnn<Readout>& backbone(const Learner<Readout, Head>& net) {
  return std::get<0>(net.layers);
}
template <class Readout, class Head>
constexpr Head& head(Learner<Readout, Head>& net) {
  return std::get<1>(net.layers);
}
template <class Readout, class Head>
constexpr const Head& head(const Learner<Readout, Head>& net) {
  return std::get<1>(net.layers);
}

/// Keys of a learner's parts in its store.
inline std::string stage_key(Index id) { return "net/0/0/#" + std::to_string(id); }
inline std::string residual_key(Index stage, Index block) { return stage_key(stage) + "/1/#" + std::to_string(block); }
inline const char* head_key() { return "net/1"; }

/// Features the backbone makes of one image (H, W, C): what a head reads.
template <class Readout>
constexpr Index feature_count(const EvolvableCnn<Readout>& cnn, Shape image) {
  return cnn.out_shape({1, image[0], image[1], image[2]}).count();
}

/// A learner with a projector that fits the backbone's output for images (H, W, C).
template <class Readout>
constexpr Learner<Readout> make_learner(EvolvableCnn<Readout> cnn, Shape image, Index hidden, Index out) {
  const Index features = feature_count(cnn, image);
  return chain(std::move(cnn), projection_head(features, hidden, out));
}

/// A learner with a head of default sizes for every task of `objective` that is on.
template <class Readout, class... Terms>
Learner<Readout, Heads<Terms...>> make_learner(EvolvableCnn<Readout> cnn, Shape image,
                                               const Objective<Terms...>& objective) {
  const Index features = feature_count(cnn, image);
  return chain(std::move(cnn), make_heads(objective, features));
}

}  // namespace sseg

#pragma once
#include <string>

#include "peer_nets.hpp"
#include "sseg/data/images.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/stack.hpp"

namespace bench {

/// A call embeds a batch of pictures that lie in memory, as a program does that uses a trained net: copying of the
/// pictures included. Nets as of TrainingStep, read out by Flatten as the seed nets are.
template <class B>
class FeatureBatch {
 public:
  FeatureBatch(B& backend, const std::string& net, const Input& in, Index batch)
      : net_(frozen(backend, make_backbone<sseg::Flatten>(nets.at(net), in.channels))),
        images_{"noise",
                {in.side, in.side, in.channels},
                normal_noise(batch * in.side * in.side * in.channels, 2),
                {},
                {},
                {},
                {}},
        embedder_(backend, batch) {}

  sseg::Features operator()() { return embedder_.embed(net_, images_); }

 private:
  static sseg::FrozenNet<B, sseg::EvolvableCnn<sseg::Flatten>> frozen(B& backend,
                                                                      sseg::EvolvableCnn<sseg::Flatten> net) {
    auto store = sseg::make_store<float>(net, 0, sseg::Rng(1));
    return {backend, std::move(net), std::move(store)};
  }

  sseg::FrozenNet<B, sseg::EvolvableCnn<sseg::Flatten>> net_;
  sseg::Images images_;
  sseg::Embedder<B> embedder_;
};

}  // namespace bench

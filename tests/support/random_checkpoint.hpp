#pragma once
#include <cmath>
#include <vector>

#include "sseg/core/rng.hpp"
#include "sseg/data/images.hpp"
#include "sseg/head/heads.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/objective.hpp"
#include "sseg/train/checkpoint.hpp"

namespace sseg_test {

using RandomNet = sseg::Learner<sseg::Flatten, sseg::Heads<sseg::Term<sseg::NtXent>>>;

/// Values that no layer would begin with, so that a mistaken order, sign or default shows.
inline void randomize(sseg::ParamStore<float>& store) {
  for (const auto& e : store.entries) {
    sseg::Rng draw = sseg::Rng(7).split(e.desc.key);
    const bool vector = e.desc.shape.rank == 1, variance = e.desc.key.ends_with("running_var");
    for (float& v : store.values(e))
      v = variance ? draw.uniform(0.2f, 2.f) : vector ? draw.uniform(-1.f, 1.5f) : v + 0.02f * draw.uniform(-1.f, 1.f);
  }
}

/// Images of noise, labelled 0, 1, 2, 0 …
inline sseg::Images random_images(sseg::Index count, sseg::Shape shape) {
  sseg::Images images{"noise", shape, sseg::Buffer<float>(count * shape.count()), {}, {}, {}, {}};
  sseg::Rng draw(11);
  for (float& v : images.pixels.span()) v = draw.uniform(0.f, 1.f);
  for (sseg::Index i = 0; i < count; ++i) images.label.push_back(i % 3);
  return images;
}

/// A checkpoint as if of a trained run: `blocks[s]` residual blocks in stage s, the last stage widened, statistics of
/// the training images where `statistics` says so; student and teacher differ.
inline sseg::Checkpoint<RandomNet> random_checkpoint(const sseg::SeedNetwork& seed, sseg::Shape image,
                                                     const std::vector<sseg::Index>& blocks, bool statistics = false) {
  using namespace sseg;
  auto cnn = seed.build(image);
  for (std::size_t s = 0; s < blocks.size(); ++s)
    for (Index b = 0; b < blocks[s]; ++b) {
      Stage& stage = stages(cnn)[static_cast<Index>(s)];
      residuals(stage).insert(0, make_identity_block(width(stage)));  // the ids fall
    }
  Stage& last = stages(cnn)[stages(cnn).size() - 1];
  set_width(last, width(last) + 3);
  const Index dim = feature_count(cnn, image), channels = feature_channels(cnn);
  auto net = make_learner(std::move(cnn), image, objective(Term<NtXent>{}));
  Checkpoint<RandomNet> c{start_training<float>(std::move(net), 2, Rng(5)), image, Json{{"name", "random"}}, {}};
  randomize(c.state.model.teacher);
  if (!statistics) return c;
  Rng draw(13);
  for (Index d = 0; d < dim; ++d) c.base.mean.push_back(draw.uniform(-0.5f, 0.5f));
  for (Index i = 0; i < channels * channels; ++i) c.base.whitening.push_back(draw.uniform(-1.f, 1.f));
  return c;
}

}  // namespace sseg_test

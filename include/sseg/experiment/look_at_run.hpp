#pragma once
#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/curriculum/level_mix.hpp"
#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/few_classes.hpp"
#include "sseg/experiment/net_at_start.hpp"
#include "sseg/experiment/run_look.hpp"
#include "sseg/experiment/sample_views.hpp"
#include "sseg/experiment/tasks.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

namespace detail {

/// The run's episodes as far as these pictures fill them; at most 5 queries a class.
inline EpisodeShape shown_shape(const EvaluationConfig& e, const Images& images) {
  std::vector<Index> count(images.classes.size());
  for (const Index l : images.label) ++count[to_size(l)];
  const Index least = *std::min_element(count.begin(), count.end());
  const Index shot = std::clamp<Index>(e.shots.front(), 1, least - 1);
  return {std::min(e.way, static_cast<Index>(count.size())), shot, std::clamp<Index>(least - shot, 1, 5)};
}

/// The first pictures of every level of a curriculum, side by side.
inline std::vector<Picture> level_pictures(const AnyDataset& images, Index columns = 8) {
  const Index each = images.size() / LevelMix::levels;
  const Shape s = images.spec().shape;
  columns = std::min(columns, each);
  std::vector<Picture> levels;
  Buffer<float> values(s.count());
  for (Index l = 0; l < LevelMix::levels && columns > 0; ++l) {
    Picture line{s[0], columns * (s[1] + 2) - 2, s[2], {}};
    line.bytes.assign(to_size(line.height * line.width * line.channels), 128);
    for (Index k = 0; k < columns; ++k) {
      images.read(l * each + k, {values.data(), s});
      paste({values.data(), s}, 0, k * (s[1] + 2), line);
    }
    levels.push_back(std::move(line));
  }
  return levels;
}

}  // namespace detail

/// How the teacher of a checkpoint sees classes of `labelled`: their features on two axes, with `by_tsne` also by
/// t-SNE, one episode, and what it takes for what over `episodes`. Prototypes by cosine, one look a picture. Throws:
/// Error when the pictures do not fit.
template <class B>
ClassesSeen classes_seen(B& backend, const TrainState<MainNet, float>& state, const RunConfig& c,
                         const LabelledImages& labelled, bool by_tsne = false, Index episodes = 200) {
  ClassesSeen seen{.images = framed(few_classes(labelled.images), main_frame(c)), .split = labelled.split};
  const Features features = Embedder<B>(backend).embed(backbone(state.model.net), state.model.teacher, seen.images);
  seen.map = principal_axes(features);
  if (by_tsne) seen.tsne = tsne(backend.threads(), features);
  const EpisodeSampler sampler(seen.images.label, {}, detail::shown_shape(c.evaluation, seen.images));
  const Rng stream = Rng(c.seed).split("report");
  const Prototypes<CosineSimilarity> protocol;
  seen.episode = episode_outcome(protocol, features, sampler.draw(stream, 0));
  seen.episodes = episodes;
  seen.confusion =
      confusion_counts(backend.threads(), protocol, features, seen.images.label, sampler, episodes, stream);
  return seen;
}

/// Looks at a run. `training` and `labelled` bring its pictures, and may throw Error: what needs them is then missing.
/// `by_tsne`: the classes have a map by t-SNE, too.
template <class B>
RunLook look_at_run(B& backend, const TrainState<MainNet, float>& state, const RunConfig& c,
                    const std::function<AnyDataset()>& training, const std::function<LabelledImages()>& labelled,
                    bool by_tsne = false) {
  const MainNet& net = state.model.net;
  const Index side = c.data.image_size;
  RunLook look{.net = describe(backbone(net)),
               .first_net = net_at_start(net, state.history, {side, side, entry_conv(stages(backbone(net))[0]).in})};
  const auto attempt = [&](const char* what, const auto& f) {
    try {
      f();
    } catch (const Error& e) {
      look.missing.push_back(std::string(what) + ": " + e.what());
    }
  };
  attempt("No training pictures", [&] {
    const AnyDataset images = training();
    look.views = sample_views(c, images, 8, 2);
    if (c.data.source == "curriculum") look.levels = detail::level_pictures(images);
  });
  attempt("No classes that were not trained on",
          [&] { look.classes = classes_seen(backend, state, c, labelled(), by_tsne); });
  return look;
}

}  // namespace sseg

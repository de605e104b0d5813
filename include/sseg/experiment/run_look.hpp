#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/curriculum/level_mix.hpp"
#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/sample_views.hpp"
#include "sseg/experiment/tasks.hpp"
#include "sseg/fewshot/confusion_counts.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/fewshot/episode_outcome.hpp"
#include "sseg/fewshot/principal_axes.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "sseg/train/checkpoint.hpp"

namespace sseg {

/// How a net sees some pictures of classes that it was not trained on.
struct ClassesSeen {
  Images images{};  ///< as the net reads them, labels 0 … classes − 1
  std::string split{};
  PrincipalAxes map{};  ///< their features
  EpisodeOutcome episode{};
  Index episodes = 0;  ///< that the confusions are counted over
  ConfusionCounts confusion{};
};

/// What is to be seen of a run beside its numbers; what could not be had is named in `missing`, with its cure.
struct RunLook {
  std::string net{};                     ///< "32+1 > 48", as it is now
  std::optional<Picture> views{};        ///< `sample_views`
  std::vector<Picture> levels{};         ///< of a curriculum: some pictures of each level side by side
  std::optional<ClassesSeen> classes{};  ///< by the teacher
  std::vector<std::string> missing{};
};

/// Some classes of a labelled set, and some pictures of each, with labels from 0: those of the group that has the most
/// classes, where there are groups. Throws: Error when there are no two classes of two pictures.
inline Images few_classes(const Images& all, Index most_classes = 20, Index most_pictures = 30) {
  require(!all.label.empty(), "these pictures have no labels", "few_classes", "name labelled ones");
  std::map<Index, std::map<Index, std::vector<Index>>> groups;  // label -> pictures, of each group
  for (Index i = 0; i < all.size(); ++i)
    if (all.label[to_size(i)] >= 0)
      groups[all.group.empty() ? 0 : all.group[to_size(i)]][all.label[to_size(i)]].push_back(i);
  for (auto& [group, classes] : groups) std::erase_if(classes, [](const auto& c) { return c.second.size() < 2; });
  const auto most = std::max_element(groups.begin(), groups.end(),
                                     [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  require(most != groups.end() && most->second.size() >= 2, "there are no two classes of two pictures", "few_classes",
          "bring more labelled pictures");
  std::vector<Index> chosen, label;
  std::vector<std::string> names;
  for (const auto& [of_class, pictures] : most->second) {
    if (static_cast<Index>(names.size()) == most_classes) break;
    const auto count = std::min(static_cast<Index>(pictures.size()), most_pictures);
    chosen.insert(chosen.end(), pictures.begin(), pictures.begin() + count);
    label.insert(label.end(), to_size(count), static_cast<Index>(names.size()));
    const bool named = of_class < static_cast<Index>(all.classes.size());
    names.push_back(named ? all.classes[to_size(of_class)] : "class " + std::to_string(of_class));
  }
  Images some = all.subset(chosen);
  some.label = std::move(label), some.classes = std::move(names);
  some.group.clear(), some.groups.clear();
  return some;
}

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

/// How the teacher of a checkpoint sees classes of `labelled`: their features on two axes, one episode, and what it
/// takes for what over `episodes`. Prototypes by cosine, one look a picture. Throws: Error when the pictures do not
/// fit.
template <class B>
ClassesSeen classes_seen(B& backend, const TrainState<MainNet, float>& state, const RunConfig& c,
                         const LabelledImages& labelled, Index episodes = 200) {
  ClassesSeen seen{.images = framed(few_classes(labelled.images), main_frame(c)), .split = labelled.split};
  const Features features = Embedder<B>(backend).embed(backbone(state.model.net), state.model.teacher, seen.images);
  seen.map = principal_axes(features);
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
template <class B>
RunLook look_at_run(B& backend, const TrainState<MainNet, float>& state, const RunConfig& c,
                    const std::function<AnyDataset()>& training, const std::function<LabelledImages()>& labelled) {
  RunLook look{.net = describe(backbone(state.model.net))};
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
  attempt("No classes that were not trained on", [&] { look.classes = classes_seen(backend, state, c, labelled()); });
  return look;
}

}  // namespace sseg

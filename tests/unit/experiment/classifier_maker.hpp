#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/classifier_net.hpp"
#include "sseg/experiment/picture_features.hpp"
#include "sseg/fewshot/best_match.hpp"
#include "unit/io/temp_folder.hpp"

namespace sseg_test {

/// Checkpoint file of the untrained net of a configuration, with the statistics of `training`, or without any.
inline std::filesystem::path untrained_checkpoint(const sseg::RunConfig& c, const sseg::AnyDataset& training,
                                                  const std::filesystem::path& file, bool statistics = true) {
  using namespace sseg;
  Cpu cpu(2);
  const Shape image = main_frame(c).out_shape(training.spec().shape);
  const auto state = start_training<float>(seed_learner(c, image), MainOptimizer::moments, Rng(c.seed).split("init"),
                                           c.evolution.growth.sensitivity_method);
  BaseStatistics base;
  if (statistics) base = base_statistics(cpu, backbone(state.model.net), state.model.teacher, training, c);
  save_checkpoint(file, state, image, fields_to_json(c), base);
  return file;
}

/// Picture i as a PNG file holds it: every value as the nearest byte.
inline sseg::Picture picture_of(const sseg::Images& images, sseg::Index i) {
  sseg::Picture p{images.shape[0], images.shape[1], images.shape[2], {}};
  for (const float v : images.image(i).flat()) p.bytes.push_back(sseg::to_byte(v));
  return p;
}
/// The same pictures with the values that their PNG files hold.
inline sseg::Images as_files(sseg::Images images) {
  for (float& v : images.pixels.span()) v = static_cast<float>(sseg::to_byte(v)) / 255.f;
  return images;
}

/// The first `shots` pictures of each class go to `folder`/examples, one sub-folder a class, the others flat to
/// `folder`/queries; names keep their order. The number of each picture, in the order in which each place is read.
struct SplitPictures {
  std::vector<sseg::Index> examples, queries;
};
inline SplitPictures write_pictures(const sseg::Images& images, sseg::Index shots, const TempFolder& folder) {
  using namespace sseg;
  std::vector<std::vector<Index>> of_class(images.classes.size());
  for (Index i = 0; i < images.size(); ++i) of_class[to_size(images.label[to_size(i)])].push_back(i);
  SplitPictures split;
  const auto name = [](Index i) { return std::to_string(1'000'000 + i) + ".png"; };
  for (std::size_t k = 0; k < of_class.size(); ++k)
    for (std::size_t n = 0; n < of_class[k].size(); ++n)
      if (const Index i = of_class[k][n]; static_cast<Index>(n) < shots) {
        split.examples.push_back(i);
        folder.add("examples/class " + std::to_string(100 + k) + "/" + name(i), encode_png(picture_of(images, i)));
      } else {
        split.queries.push_back(i);
        folder.add("queries/" + name(i), encode_png(picture_of(images, i)));
      }
  std::sort(split.queries.begin(), split.queries.end());
  return split;
}

/// What the evaluator calls each query: its features of all pictures together, its protocol. `alone`: its features of
/// each picture by itself, as copies must be drawn for an answer that depends on one picture.
inline std::vector<sseg::Index> evaluator_labels(const sseg::ClassifierNet& n, const sseg::Images& images,
                                                 const SplitPictures& split, bool alone = false) {
  using namespace sseg;
  Cpu cpu(2);
  const Rng draws = Rng(n.config.seed).split("copies");
  const auto features = [&](const Images& of) {
    PictureFeatures f = picture_features(cpu, backbone(n.net), n.teacher, of, n.config, draws, n.base);
    return n.whitened ? std::move(f.whitened) : std::move(f.plain);
  };
  Features all;
  if (!alone) all = features(images);
  for (Index i = 0; alone && i < images.size(); ++i) {
    const Features one = features(images.subset({i}));
    if (i == 0) all.dim = one.dim, all.rows.resize(images.size() * one.dim);
    std::copy_n(one.rows.data(), one.dim, all.rows.data() + i * one.dim);
  }
  Buffer<float> support, query;
  all.gather(split.examples, support);
  all.gather(split.queries, query);
  std::vector<Index> label;
  for (const Index i : split.examples) label.push_back(images.label[to_size(i)]);
  const auto way = static_cast<Index>(images.classes.size()), queries = static_cast<Index>(split.queries.size());
  std::vector<float> scores(to_size(queries * way));
  const FewShotTask task{
      {support.data(), {static_cast<Index>(label.size()), all.dim}}, label, way, {query.data(), {queries, all.dim}}};
  if (best_match(n.config.evaluation))
    BestMatch{n.config.evaluation.copies + 1}.classify(task, {scores.data(), {queries, way}});
  else
    Prototypes<CosineSimilarity>{}.classify(task, {scores.data(), {queries, way}});
  std::vector<Index> answers;
  for (Index q = 0; q < queries; ++q) {
    const float* row = scores.data() + q * way;
    answers.push_back(std::max_element(row, row + way) - row);
  }
  return answers;
}

}  // namespace sseg_test

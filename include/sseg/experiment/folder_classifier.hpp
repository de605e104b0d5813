#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/experiment/classifier_net.hpp"
#include "sseg/experiment/evaluation_picture.hpp"
#include "sseg/experiment/known_classes.hpp"
#include "sseg/experiment/lone_features.hpp"
#include "sseg/experiment/picture_answer.hpp"
#include "sseg/fewshot/best_match.hpp"
#include "sseg/fewshot/leave_one_out.hpp"
#include "sseg/fewshot/prototypes.hpp"

namespace sseg {

/// A trained net and a few examples of each class: tells pictures apart, one by one or many at once. Features,
/// similarity and decision are those of the run's evaluation: the cosine to the mean of a class's examples, or, where
/// `evaluation.match` is best, the mean of the best matches of copies. Inductive: an answer depends on the picture and
/// the examples alone, bit for bit.
///   FolderClassifier classifier(cpu, load_classifier_net("runs/images/latest"), examples);
///   PictureAnswer a = classifier.classify(decode_picture(bytes, "cup.jpg"));
template <class B>
class FolderClassifier {
 public:
  static constexpr std::string_view none_of_these = KnownClasses::none_of_these, unreadable = KnownClasses::unreadable;

  /// `examples`: labelled pictures of the net's `picture` shape (`load_examples`). Their features are computed, and
  /// from these, each left out in turn, scale and threshold (`calibrate_scores`). The backend must outlive this.
  /// Throws: Error without labels, for a class without a picture, or for pictures of another shape.
  FolderClassifier(B& backend, ClassifierNet net, const Images& examples) : backend_(&backend), net_(std::move(net)) {
    check_examples(examples);
    classes_.names = examples.classes;
    classes_.label = examples.label;
    classes_.net = features_sum(net_);
    classes_.rows = features(examples);
    const auto left_out = [&](const auto& protocol) {
      return leave_one_out(backend_->threads(), protocol, classes_.rows, classes_.label, classes_.way());
    };
    classes_.calibration = calibrate_scores(best_match(net_.config.evaluation) ? left_out(best()) : left_out(cosine()));
  }
  /// `classes`: as an earlier classifier with this net knew them. Throws: Error when it was another net, or one that
  /// saw pictures otherwise.
  FolderClassifier(B& backend, ClassifierNet net, KnownClasses classes)
      : backend_(&backend), net_(std::move(net)), classes_(std::move(classes)) {
    require(classes_.net == features_sum(net_), "the classes were made with another net, or with other settings",
            "FolderClassifier", "give the checkpoint, features and copies that they were made with");
  }

  const ClassifierNet& net() const { return net_; }
  const KnownClasses& classes() const { return classes_; }
  /// "none of these" below this score from now on; empty: never.
  void set_threshold(std::optional<double> threshold) { classes_.calibration.threshold = threshold; }
  /// What an answer says, in a word or three.
  std::string label(const PictureAnswer& a) const {
    return a.none_of_these ? std::string(none_of_these) : classes_.names[to_size(a.nearest)];
  }

  /// A picture of any size, gray or coloured.
  PictureAnswer classify(const Picture& picture) {
    Images one{"", net_.picture, Buffer<float>(net_.picture.count()), {}, {}, {}, {}};
    evaluation_picture(net_.config, picture, one.image(0));
    return classify(one).front();
  }
  /// Many pictures of the net's `picture` shape, labels unused; the answers are those of each alone.
  std::vector<PictureAnswer> classify(const Images& pictures) {
    require(pictures.shape == net_.picture, "the pictures have another shape than the net's", "FolderClassifier",
            "bring them to it: evaluation_picture");
    const Features rows = features(pictures);
    std::vector<PictureAnswer> answers(to_size(rows.size()));
    constexpr Index block = 8;  // a protocol prepares the examples once a call
    const Index blocks = (rows.size() + block - 1) / block;
    backend_->threads().run(blocks, [&](Index b) { answer(rows, part_of(rows.size(), blocks, b), answers); });
    return answers;
  }

 private:
  static Prototypes<CosineSimilarity> cosine() { return {}; }
  BestMatch best() const { return {net_.config.evaluation.copies + 1}; }

  void check_examples(const Images& examples) const {
    require(examples.shape == net_.picture, "the examples have another shape than the net's pictures",
            "FolderClassifier", "load them by load_examples with this net");
    require(!examples.classes.empty() && static_cast<Index>(examples.label.size()) == examples.size(),
            "the examples have no labels", "FolderClassifier", "give every example its class");
    for (const std::string& name : examples.classes)
      if (name == none_of_these || name == unreadable)
        throw Error("a class is called '" + name + "', which stands for something else", "FolderClassifier",
                    "give its folder another name");
  }
  Features features(const Images& pictures) {
    return lone_features(*backend_, backbone(net_.net), net_.teacher, pictures, net_.config, net_.base, net_.whitened);
  }
  void answer(const Features& rows, Range part, std::vector<PictureAnswer>& answers) const {
    const Index dim = classes_.rows.dim, way = classes_.way();
    std::vector<float> scores(to_size(part.size() * way));
    const FewShotTask task{
        classes_.rows.view(), classes_.label, way, {rows.rows.data() + part.begin * dim, {part.size(), dim}}};
    const View<float> to(scores.data(), {part.size(), way});
    if (best_match(net_.config.evaluation))
      best().classify(task, to);
    else
      cosine().classify(task, to);
    for (Index i = 0; i < part.size(); ++i)
      answers[to_size(part.begin + i)] = answer_of(scores.data() + i * way, way, classes_.calibration);
  }

  B* backend_;
  ClassifierNet net_;
  KnownClasses classes_;
};

}  // namespace sseg
